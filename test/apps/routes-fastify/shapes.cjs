// The shapes that routes take in Fastify, each as its documentation shows it. Knows nothing of metrics.
const { once } = require("node:events");
const { createServer } = require("node:http");
const { PassThrough } = require("node:stream");

const HOST = "127.0.0.1";

/** What each answer says is of no interest. */
const ok = async () => ({ ok: true });

/** @returns {Promise<string>} `listening <port> <name>=<port> …` */
exports.shapes = async (fastify, major) => {
  /** Fastify 5 takes the options of its router apart from its own. */
  const withRouter = (routerOptions) => fastify(major === 4 ? routerOptions : { routerOptions });

  const servers = {
    main: main(fastify, major),
    plain: plain(fastify),
    loose: loose(withRouter),
    rewritten: rewritten(fastify),
    behind: behind(fastify),
    late: late(fastify),
    framed: framed(fastify),
    asynchronous: asynchronous(withRouter),
    closing: closing(fastify),
  };
  if (major === 5) servers.raw = rawDefaults(fastify);

  for (const instance of Object.values(servers)) await instance.listen({ port: 0, host: HOST });
  stepIn(servers.late.server);
  const ports = Object.entries(servers).map(([name, { server }]) => [name, server.address().port]);

  // as Fastify itself makes a second server where `localhost` has two addresses
  const second = createServer(servers.plain.routing).listen(0, HOST);
  await once(second, "listening");
  ports.push(["second", second.address().port]);

  const [[, port], ...others] = ports;
  return `listening ${port} ${others.map((other) => other.join("=")).join(" ")}`;
};

function main(fastify, major) {
  const app = fastify();

  // guards and answers before the handler, each asked for by a header
  app.addHook("onRequest", (request, reply, done) => {
    if (request.headers["x-stop-at"] === "onRequest") reply.code(401).send("who are you?");
    else if (request.method === "OPTIONS" && request.headers["access-control-request-method"]) reply.code(204).send();
    else done();
  });
  app.addHook("preParsing", async (request, reply) => {
    if (request.headers["x-stop-at"] !== "preParsing") return;
    reply.code(403).send("no");
    return reply;
  });
  app.addHook("preValidation", async (request) => {
    if (request.headers["x-stop-at"] === "preValidation") throw Object.assign(new Error("no"), { statusCode: 402 });
  });
  app.addHook("preHandler", (request, reply, done) => {
    if (request.headers["x-stop-at"] === "preHandler") reply.code(200).send("from a cache");
    else done();
  });

  app.get("/", ok);
  app.get("/users/:id", ok);
  app.get("/users/me", ok);
  app.get("/users/:id/tokens/:token", ok);
  app.get("/files/*", ok);
  app.get("/files/readme", ok);
  app.get("/example/:file(^\\d+).png", ok);
  app.get("/near/:lat-:lng/radius/:r", ok);
  app.get("/at/:hour(^\\d{2})h:minute(^\\d{2})m", ok);
  app.get("/posts/:id?", ok);
  app.post("/name::verb", ok);
  app.get("/café", ok);
  app.route({ method: ["PUT", "PATCH"], url: "/either", handler: ok });
  app.all("/any", ok);
  if (major === 5) app.addHttpMethod("PROPFIND");
  app.route({ method: "PROPFIND", url: "/dav/:file", handler: ok });
  app.get("/headless", { exposeHeadRoute: false }, ok);
  app.head("/only-head/:id", async () => "");

  // prefixes
  const users = async (instance) => {
    instance.get("/user", ok);
    instance.get("/user/:id", ok);
  };
  app.register(users, { prefix: "/v1" });
  app.register(users, { prefix: "/v2" });
  app.register(
    async (tenant) => {
      tenant.get("/items/:item", ok);
      tenant.register(
        async (admin) => {
          admin.register(async (deepest) => deepest.get("/reports/:report", ok), { prefix: "/:year" });
        },
        { prefix: "/admin" },
      );
    },
    { prefix: "/tenants/:tenant" },
  );
  app.register(async (instance) => instance.get("/", ok), { prefix: "/both" });
  app.register(async (instance) => instance.get("/", { prefixTrailingSlash: "no-slash" }, ok), { prefix: "/bare" });
  app.register(async (instance) => instance.get("/", ok), { prefix: "/slash/" });

  // encapsulation: the hook and the error handler hold for this plugin only
  app.register(async (secured) => {
    secured.addHook("onRequest", async (request, reply) => {
      if (request.headers.authorization === undefined) return reply.code(401).send("who are you?");
    });
    secured.setErrorHandler((_error, _request, reply) => reply.code(503).send("later"));
    secured.get("/secured/:id", ok);
    secured.get("/secured/broken/:id", async () => {
      throw new Error("broken");
    });
  });

  // not found, at the top and under a prefix
  app.setNotFoundHandler((_request, reply) => reply.code(404).send("no such page"));
  app.register(
    async (gone) => {
      gone.get("/here", ok);
      gone.setNotFoundHandler(async (_request, reply) => reply.code(410).send("gone"));
    },
    { prefix: "/gone" },
  );
  app.get("/articles/:slug", (_request, reply) => reply.callNotFound());

  // errors
  app.get("/throws/:id", () => {
    throw new Error("thrown");
  });
  app.get("/rejects/:id", async () => {
    throw Object.assign(new Error("rejected"), { statusCode: 418 });
  });
  app.get("/sends-error/:id", (_request, reply) => reply.code(409).send(new Error("sent")));
  app.get(
    "/own-error-handler/:id",
    { errorHandler: (_error, _request, reply) => reply.code(502).send("handled") },
    async () => {
      throw new Error("handled by the route's own");
    },
  );

  // answers
  app.get("/later/:id", (_request, reply) => {
    setTimeout(() => reply.send("later"), 20);
  });
  app.get("/stream/:id", (_request, reply) => {
    const stream = new PassThrough();
    reply.send(stream);
    setImmediate(() => stream.end("streamed"));
  });
  app.get("/moved/:id", (_request, reply) => {
    reply.code(302).header("location", "/users/1").send();
  });
  app.get("/hijacked/:id", (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(202).end("by hand");
  });
  app.get("/injects/:id", async () => {
    const { statusCode } = await app.inject("/users/1");
    const { statusCode: missing } = await app.inject({ method: "POST", url: "/nowhere", payload: {} });
    return { statusCode, missing };
  });

  // constraints: several handlers for the same url
  for (const version of ["1.2.0", "2.0.0"]) {
    app.route({ method: "GET", url: "/versioned/:id", constraints: { version }, handler: ok });
  }
  app.get("/hosted/:id", { constraints: { host: "auth.fastify.example" } }, ok);

  // bodies
  const schema = { body: { type: "object", required: ["name"], properties: { name: { type: "string" } } } };
  app.post("/validated/:id", { schema, bodyLimit: 100 }, ok);
  app.get("/validated/:id", { schema: { params: { type: "object", properties: { id: { type: "integer" } } } } }, ok);

  if (major === 5) app.get("/slow/:id", { handlerTimeout: 20 }, () => new Promise(() => {}));
  return app;
}

/** Nothing but routes: its not-found handler is Fastify's own. And the same urls as elsewhere in the process. */
function plain(fastify) {
  const app = fastify();
  app.get("/users/:userId", ok);
  // as @fastify/cors answers preflights, and a single-page application everything
  app.options("*", (_request, reply) => reply.code(204).send());
  return app;
}

function loose(withRouter) {
  const app = withRouter({
    ignoreTrailingSlash: true,
    ignoreDuplicateSlashes: true,
    caseSensitive: false,
    maxParamLength: 10,
  });
  app.get("/foo", ok);
  app.get("/user/:username", ok);
  app.register(async (instance) => instance.get("/", ok), { prefix: "/prefixed" });
  return app;
}

function rewritten(fastify) {
  const app = fastify({ rewriteUrl: ({ url }) => (url.startsWith("/old/") ? url.replace("/old/", "/new/") : url) });
  app.get("/new/:id", ok);
  return app;
}

/** The application answers some requests before Fastify gets to see them. */
function behind(fastify) {
  const app = fastify({
    serverFactory: (handler) =>
      createServer((req, res) => {
        if (req.url.startsWith("/before/")) res.end("before Fastify");
        else handler(req, res);
      }),
  });
  app.get("/after/:id", ok);
  return app;
}

function late(fastify) {
  const app = fastify();
  app.get("/after/:id", ok);
  return app;
}

/** As socket.io does, also on a server that listens already: takes its own requests, and hands on the others. */
function stepIn(server) {
  const listeners = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (req, res) => {
    if (req.url.startsWith("/socket.io/")) res.end("0{}");
    else for (const listener of listeners) listener.call(server, req, res);
  });
}

function framed(fastify) {
  const app = fastify({
    frameworkErrors: (error, _request, reply) => {
      reply.code(error.code === "FST_ERR_BAD_URL" ? 422 : 500).send("framed");
    },
  });
  app.get("/users/:id", ok);
  return app;
}

/** A constraint that fails is answered by Fastify itself, before its hooks. */
function asynchronous(withRouter) {
  const secret = {
    name: "secret",
    storage() {
      const handlers = new Map();
      return { get: (key) => handlers.get(key) ?? null, set: (key, handler) => handlers.set(key, handler) };
    },
    deriveConstraint: (req, _context, done) => {
      const { secret } = req.headers;
      setImmediate(() => (secret === "fails" ? done(new Error("no database")) : done(null, secret)));
    },
    validate() {},
    mustMatchWhenDerived: true,
  };
  const app = withRouter({ constraints: { secret } });
  app.get("/secret/:id", { constraints: { secret: "alpha" } }, ok);
  return app;
}

/** Answers once it has begun to close. */
function closing(fastify) {
  const app = fastify();
  const begun = new Promise((resolve) => {
    app.addHook("preClose", (done) => done(resolve()));
  });
  app.get("/close", async () => {
    app.close();
    await begun;
    return "closing";
  });
  app.get("/users/:id", ok);
  return app;
}

/** What comes when no route matches is handed raw requests, without hooks. */
function rawDefaults(fastify) {
  const app = fastify({
    routerOptions: {
      maxParamLength: 10,
      defaultRoute: (_req, res) => res.end("<!doctype html>"),
      onBadUrl: (_path, _req, res) => res.writeHead(400).end("bad"),
      onMaxParamLength: (_path, _req, res) => res.writeHead(414).end("long"),
    },
  });
  app.get("/users/:id", ok);
  return app;
}
