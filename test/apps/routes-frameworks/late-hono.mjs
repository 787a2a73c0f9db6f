// Hono, loaded when the process has a server already.
import { createServer } from "node:http";
import { hono } from "./shapes/hono.cjs";

const waiting = createServer((_req, res) => res.end("waiting"));
waiting.listen(0, "127.0.0.1", async () => {
  const names = ["hono", "hono/basic-auth", "hono/cors", "hono/router/linear-router"];
  const servers = ["@hono/node-server", "@hono/node-server/serve-static"];
  const loaded = await Promise.all([...names, ...servers].map((name) => import(name)));
  hono(Object.assign({}, ...loaded));
});
