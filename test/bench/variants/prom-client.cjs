/** RED by hand: the same four families in prom-client, as a middleware or a hook, served by the application itself. */
/** Its successor has the same interface. */
const { Counter, Gauge, Histogram, register } = require(process.env.BENCH_CLIENT ?? "prom-client");

const SERVICE = "bench";
const LABELS = ["method", "status_code", "path", "service"];
const requests = new Counter({
  name: "http_requests_total",
  help: "Total count of HTTP requests",
  labelNames: LABELS,
});
const errors = new Counter({
  name: "http_errors_total",
  help: "Total count of HTTP errors (4xx-5xx)",
  labelNames: LABELS,
});
const duration = new Histogram({
  name: "http_request_duration_seconds",
  help: "HTTP request latency in seconds",
  labelNames: LABELS,
  buckets: require("./buckets.cjs"),
});
const active = new Gauge({
  name: "http_requests_active",
  help: "Number of currently active HTTP requests",
  labelNames: ["method", "path", "service"],
});

const METRICS = "/metrics";
const IDENTIFIER = /\/\d+(?=\/|$)/g;

/** The path without its numbers: known before a router has had its say, and all there is where there is none. */
function normalized(url) {
  const query = url.indexOf("?");
  return (query === -1 ? url : url.slice(0, query)).replace(IDENTIFIER, "/:id");
}

function record(method, statusCode, path, seconds) {
  const labels = { method, status_code: statusCode, path, service: SERVICE };
  requests.inc(labels);
  if (statusCode >= 400) errors.inc(labels);
  duration.observe(labels, seconds);
}

/** @param route gives the path's label once the response is over. */
function measure(request, response, route) {
  const { method } = request;
  const startedAtMs = performance.now();
  const inFlight = { method, path: normalized(request.url), service: SERVICE };
  active.inc(inFlight);
  response.once("close", () => {
    active.dec(inFlight);
    record(method, response.statusCode, route(), (performance.now() - startedAtMs) / 1000);
  });
}

async function expose(response) {
  const text = await register.metrics();
  response.writeHead(200, { "content-type": register.contentType, "content-length": Buffer.byteLength(text) });
  response.end(text);
}

exports.http = (listener) => (request, response) => {
  if (request.url === METRICS) return expose(response);
  const path = normalized(request.url);
  measure(request, response, () => path);
  return listener(request, response);
};

exports.express = (app) => {
  app.use((request, response, next) => {
    if (request.url === METRICS) return expose(response);
    measure(request, response, () =>
      request.route ? request.baseUrl + request.route.path : normalized(request.originalUrl),
    );
    return next();
  });
};

exports.fastify = (app) => {
  const startedAtMs = Symbol("startedAtMs");
  const inFlight = Symbol("inFlight");
  app.addHook("onRequest", (request, _reply, done) => {
    request[startedAtMs] = performance.now();
    request[inFlight] = {
      method: request.method,
      path: request.routeOptions.url ?? normalized(request.url),
      service: SERVICE,
    };
    active.inc(request[inFlight]);
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const { method, path } = request[inFlight];
    active.dec(request[inFlight]);
    record(method, reply.statusCode, path, (performance.now() - request[startedAtMs]) / 1000);
    done();
  });
  app.get(METRICS, async (_request, reply) => {
    reply.type(register.contentType);
    return register.metrics();
  });
};

exports.koa = (app) => {
  app.use((ctx, next) => {
    if (ctx.path === METRICS) {
      ctx.respond = false;
      return expose(ctx.res);
    }
    measure(ctx.req, ctx.res, () => ctx._matchedRoute ?? normalized(ctx.originalUrl));
    return next();
  });
};

exports.hono = (app) => {
  const { matchedRoutes } = require("hono/route");
  app.get(METRICS, async (c) => c.body(await register.metrics(), 200, { "content-type": register.contentType }));
  app.use(async (c, next) => {
    const { incoming, outgoing } = c.env;
    measure(incoming, outgoing, () => matchedRoutes(c).at(-1)?.path ?? normalized(incoming.url));
    await next();
  });
};
