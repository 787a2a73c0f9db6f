// h3 2, an ES module, required by a CommonJS program.
const { createServer } = require("node:http");
const { H3, toNodeHandler } = require("h3");

const app = new H3();
app.get("/users/:id", () => "answered");
const server = createServer(toNodeHandler(app));
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
