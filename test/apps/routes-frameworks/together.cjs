// Frameworks in frameworks, two applications on two ports, and proxies: `node together.cjs 4`, or 5, of Fastify
const { createServer, request } = require("node:http");
const { getRequestListener } = require("@hono/node-server");
const Router = require("@koa/router");
const express = require("express");
const express4 = require("express4");
const h3 = require("h31");
const { Hono } = require("hono");
const { createProxyServer } = require("http-proxy");
const Koa = require("koa");
const { serve } = require("./serve.cjs");

const fastify4 = process.argv[2] === "4";
const fastify = require(fastify4 ? "fastify4" : "fastify");
const fastifyExpress = require(fastify4 ? "fastify4-express" : "@fastify/express");
const fastifyMiddie = require(fastify4 ? "fastify4-middie" : "@fastify/middie");

const ok = (_req, res) => res.end("answered");

/** An Express application in Fastify, and a route of Fastify's beside it. */
async function expressInFastify() {
  const app = fastify();
  await app.register(fastifyExpress);
  const router = express.Router();
  router.get("/users/:id", ok);
  app.use("/express", router);
  app.use("/mounted", ok);
  app.get("/fastify/:id", async () => "of Fastify");
  await app.ready();
  return app.server;
}

/** Middleware in Fastify. */
async function middleware() {
  const app = fastify();
  await app.register(fastifyMiddie);
  app.use((req, res, next) => (req.headers["x-stop"] ? res.writeHead(401).end() : next()));
  app.get("/fastify/:id", async () => "of Fastify");
  await app.ready();
  return app.server;
}

/** Fastify behind a mount of Express. */
async function fastifyInExpress() {
  const inner = fastify();
  inner.get("/api/users/:id", async () => "of Fastify");
  await inner.ready();
  const app = express();
  app.get("/express/:id", ok);
  app.use((req, res, next) => (req.url.startsWith("/api/") ? inner.routing(req, res) : next()));
  return createServer(app);
}

/** Behind mounts of Express, which take their path off what the others get. */
async function mountedInExpress() {
  const inner = fastify();
  inner.get("/users/:id", async () => "of Fastify");
  await inner.ready();
  const koaRoutes = new Router().get("/users/:id", (ctx) => {
    ctx.body = "of Koa";
  });
  const koa = new Koa().use(koaRoutes.routes());
  const hono = new Hono().get("/users/:id", (c) => c.text("of Hono"));
  const h3Routes = h3.createRouter().get(
    "/users/:id",
    h3.eventHandler(() => "of h3"),
  );
  const listeners = {
    fastify: (req, res) => inner.routing(req, res),
    koa: koa.callback(),
    hono: getRequestListener(hono.fetch, { overrideGlobalObjects: false }),
    h3: h3.toNodeListener(h3.createApp().use(h3Routes)),
  };
  const app = (fastify4 ? express4 : express)();
  for (const [name, listener] of Object.entries(listeners)) {
    app.use(`/${name}`, listener);
    app.use(`/tenants/:tenant/${name}`, listener);
  }
  app.use("/whole", (req, res) => {
    req.url = req.originalUrl;
    whole.routing(req, res);
  });
  const whole = fastify();
  whole.get("/whole/:id", async () => "of Fastify");
  await whole.ready();
  return createServer(app);
}

function twoApplications() {
  const first = express();
  first.get("/first/:id", ok);
  const second = fastify();
  second.get("/second/:id", async () => "of Fastify");
  return { first: createServer(first), second: second.ready().then(() => second.server) };
}

/** Hands on to a server in another process, as far as anyone can tell: one that is not counted as its own request. */
function proxies(port) {
  const proxy = createProxyServer({ target: { host: "127.0.0.1", port } });
  proxy.on("error", (_error, _req, res) => res.writeHead(502).end());
  const plain = createServer((req, res) => {
    const outgoing = request({ host: "127.0.0.1", port, method: req.method, path: req.url }, (answer) => {
      res.writeHead(answer.statusCode, answer.headers);
      answer.pipe(res);
    });
    req.pipe(outgoing);
  });
  return { plain, proxied: createServer((req, res) => proxy.web(req, res)) };
}

async function main() {
  const { first, second } = twoApplications();
  const servers = {
    first,
    second: await second,
    expressInFastify: await expressInFastify(),
    middleware: await middleware(),
    fastifyInExpress: await fastifyInExpress(),
    mountedInExpress: await mountedInExpress(),
  };
  // of another process: what it answers is not ours to count
  const upstream = process.env.UPSTREAM_PORT;
  serve(upstream === undefined ? servers : { ...servers, ...proxies(Number(upstream)) });
}
main();
