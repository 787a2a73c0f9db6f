// polka in the shapes that its documentation shows.
const { createServer } = require("node:http");
const { serve } = require("../serve.cjs");

exports.polka = (framework) => {
  const ok = (_req, res) => res.end("answered");

  const app = framework();
  app.use((req, res, next) => (req.headers["x-stop"] ? res.writeHead(401).end() : next()));
  app.get("/", ok);
  app.get("/users/:id", ok);
  app.put("/users/:id", (_req, res) => res.writeHead(422).end());
  app.get("/users/:id/books/:title?", ok);
  app.get("/files/*", ok);
  app.all("/anything/:id", ok);
  app.get("/later/:id", (_req, res) => setTimeout(() => res.end("later"), 5));
  app.get("/checked/:id", (req, res, next) => (req.params.id === "0" ? res.writeHead(403).end() : next()), ok);
  const items = framework().get("/", ok).get("/:item/parts/:part", ok);
  app.use("/items", items);

  serve({ main: createServer(app.handler) });
};
