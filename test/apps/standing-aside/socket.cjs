// A server on a Unix socket.
const { createServer } = require("node:http");
createServer((_request, response) => response.end("ok")).listen(process.argv[2], () => console.log("listening 1"));
