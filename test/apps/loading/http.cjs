// A server without a router, as CommonJS.
const { createServer } = require("node:http");

const server = createServer((request, response) => response.end(`user ${request.url.split("/").at(-1)}`));
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
