// An application whose clocks are replaced, as by a library for tests.
const { createServer } = require("node:http");

const server = createServer((_request, response) => setImmediate(() => response.end("ok")));
server.listen(0, "127.0.0.1", () => {
  performance.now = () => 0;
  Date.now = () => 0;
  console.log(`listening ${server.address().port}`);
});
