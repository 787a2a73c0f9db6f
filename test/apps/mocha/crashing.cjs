/** A server that crashes when it is asked to. */
const { createServer } = require("node:http");

const server = createServer((request, response) => {
  if (request.url === "/crash") process.kill(process.pid, "SIGSEGV");
  else response.end("ok");
}).listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
