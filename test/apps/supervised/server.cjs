// A server that answers with its process id.
const { createServer } = require("node:http");

const server = createServer((_request, response) => response.setHeader("connection", "close").end(`${process.pid}`));
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(`listening ${server.address().port}`));
