// connect in the shapes that its documentation shows.
const { createServer } = require("node:http");
const { serve } = require("../serve.cjs");

exports.connect = (framework) => {
  const ok = (_req, res) => res.end("answered");

  const app = framework();
  app.use((req, res, next) => (req.headers["x-stop"] ? res.writeHead(401).end() : next()));
  app.use("/api/", (req, _res, next) => (req.url.startsWith("/passed") ? next() : ok(req, _res)));
  app.use("/later", (_req, res) => setTimeout(() => res.end("later"), 5));
  app.use("/fails", (_req, _res, next) => next(new Error("of the handler")));
  app.use((error, _req, res, _next) => res.writeHead(500).end(error.message));
  const inner = framework();
  inner.use("/inner", ok);
  app.use("/outer", inner);
  app.use((req, res, next) => (req.url.startsWith("/plain") ? ok(req, res) : next()));

  serve({ main: createServer(app) });
};
