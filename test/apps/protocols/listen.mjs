/** Has all of the servers listen, and announces their ports by name, the first one's in front. */
export async function listen(servers) {
  const ports = [];
  for (const [name, server] of Object.entries(servers)) {
    await new Promise((resolve) => server.listen({ port: 0, host: "127.0.0.1" }, resolve));
    ports.push([name, (server.server ?? server).address().port]);
  }
  console.log(`listening ${ports[0][1]}${ports.map(([name, port]) => ` ${name}=${port}`).join("")}`);
}
