// A Hono application, as an ES module.
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";

const app = new Hono();
app.get("/users/:id", (c) => c.text(`user ${c.req.param("id")}`));
const server = createServer(getRequestListener(app.fetch));
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
