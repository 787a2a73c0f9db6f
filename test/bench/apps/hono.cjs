/** Hono on @hono/node-server with one route. */
const { createAdaptorServer } = require("@hono/node-server");
const { Hono } = require("hono");
const { hooks, serve } = require("./serve.cjs");

const app = new Hono();
hooks.hono?.(app);
app.get("/users/:id", (c) => c.json({ id: c.req.param("id"), name: "Ada" }));
serve(createAdaptorServer({ fetch: app.fetch }));
