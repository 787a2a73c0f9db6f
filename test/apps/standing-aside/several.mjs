// As many servers as it is told, each with a name of its own in its answers; prints their ports.
import { createServer } from "node:http";

const ports = [];
for (let i = 0; i < Number(process.argv[2]); i++) {
  const server = createServer((_request, response) => response.end(`server ${i}`));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  ports.push(server.address().port);
}
console.log(`listening ${ports.join(" ")}`);
