// Announces the servers of an application: `listening 4001 second=4002`. Knows nothing of metrics.
const { once } = require("node:events");

/** @param {Record<string, import("node:net").Server>} servers by name, `main` first; they may listen already */
exports.serve = async (servers) => {
  const ports = [];
  for (const [name, server] of Object.entries(servers)) {
    if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
    ports.push([name, server.address().port]);
  }
  const [[, port], ...others] = ports;
  console.log(`listening ${port} ${others.map((other) => other.join("=")).join(" ")}`);
};
