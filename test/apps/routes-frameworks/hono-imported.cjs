// Hono, imported by a CommonJS program.
const { createServer } = require("node:http");

async function main() {
  const [{ Hono }, { getRequestListener }] = await Promise.all([import("hono"), import("@hono/node-server")]);
  const app = new Hono();
  app.get("/users/:id", (c) => c.text("answered"));
  const server = createServer(getRequestListener(app.fetch));
  server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
}
main();
