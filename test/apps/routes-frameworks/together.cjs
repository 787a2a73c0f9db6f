// Frameworks in frameworks, two applications on two ports, and proxies: `node together.cjs 4`, or 5, of Fastify
const { createServer, request } = require("node:http");
const express = require("express");
const { createProxyServer } = require("http-proxy");
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
  };
  // of another process: what it answers is not ours to count
  const upstream = process.env.UPSTREAM_PORT;
  serve(upstream === undefined ? servers : { ...servers, ...proxies(Number(upstream)) });
}
main();
