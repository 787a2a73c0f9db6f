// Feathers: `node feathers.cjs express`, or koa; or the folder of an earlier version's packages: `node feathers.cjs express4 …`
const { join } = require("node:path");
const [platform, folder = ""] = process.argv.slice(2);
const { NotFound } = require(join(folder, "@feathersjs/errors"));
const feathersOf = require(join(folder, "@feathersjs/feathers"));
const { serve } = require("./serve.cjs");

const messages = {
  find: async () => [],
  get: async (id) => {
    if (id === "0") throw new NotFound("no such message");
    return { id };
  },
  create: async () => ({ id: 1 }),
};

async function onExpress() {
  const express = require("@feathersjs/express");
  const app = express.default(feathersOf.feathers());
  app.use(express.json());
  app.configure(express.rest());
  app.use("messages", messages);
  app.use("users/:userId/messages", { ...messages });
  app.get("/plain/:id", (_req, res) => res.end("of Express"));
  app.use(express.notFound());
  app.use(express.errorHandler({ logger: false, html: false }));
  return app.listen(0, "127.0.0.1");
}

/** https://feathersjs.com/guides/migrating.html#express-middleware */
async function onExpress4() {
  const express = require(join(folder, "@feathersjs/express"));
  const app = express(feathersOf());
  app.use(express.json());
  app.configure(express.rest());
  app.use("/messages", messages);
  app.use("/users/:userId/messages", { ...messages });
  app.get("/plain/:id", (_req, res) => res.end("of Express"));
  app.use(express.notFound());
  app.use(express.errorHandler({ logger: false, html: false }));
  return app.listen(0, "127.0.0.1");
}

async function onKoa() {
  const { koa, rest, bodyParser, errorHandler } = require("@feathersjs/koa");
  const app = koa(feathersOf.feathers());
  app.use(errorHandler());
  app.use(bodyParser());
  app.configure(rest());
  app.use("messages", messages);
  app.use("users/:userId/messages", { ...messages });
  return app.listen(0, "127.0.0.1");
}

({ express: onExpress, express4: onExpress4, koa: onKoa })[platform]().then((server) => {
  const up = () => serve({ main: server });
  if (server.listening) up();
  else server.once("listening", up);
});
