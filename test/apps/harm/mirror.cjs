// Prints what an application can see of its process, before and after its server has been busy.
const { EventEmitter } = require("node:events");
const http = require("node:http");
const Module = require("node:module");

const WATCHED = [
  "async_hooks",
  "diagnostics_channel",
  "events",
  "http",
  "https",
  "module",
  "net",
  "process",
  "stream",
  "zlib",
];
const REQUESTS = 50;

const counts = (emitter) =>
  Object.fromEntries(
    emitter
      .eventNames()
      .map((name) => [String(name), emitter.listenerCount(name)])
      .sort(),
  );

/** All functions of an object and of its prototypes, by their source: what is wrapped has another one. */
function functionsOf(object, path, seen = new Set()) {
  const found = {};
  if (seen.has(object)) return found;
  seen.add(object);
  for (const key of Reflect.ownKeys(object)) {
    const { value, get, set } = Object.getOwnPropertyDescriptor(object, key);
    for (const [kind, each] of Object.entries({ value, get, set })) {
      if (typeof each !== "function") continue;
      const name = `${path}.${String(key)}${kind === "value" ? "" : ` ${kind}`}`;
      found[name] = `${each.name} ${each.toString()}`;
      if (kind === "value" && each.prototype) Object.assign(found, functionsOf(each.prototype, name, seen));
    }
  }
  return found;
}

const requests = [];
const server = http.createServer((request, response) => {
  const inherited = [];
  for (const name in request) inherited.push(name);
  requests.push({
    own: Object.keys(request),
    names: Object.getOwnPropertyNames(request),
    inherited,
    route: [request.route, request.baseUrl, "route" in { ...request }, Object.hasOwn(request, "route")],
    listeners: [request, response, server].map(counts),
    socket: counts(request.socket),
    idle: Object.keys(request.socket),
  });
  response.end("ok");
});

function look() {
  return {
    process: counts(process),
    argv: process.argv,
    execArgv: process.execArgv,
    env: process.env,
    cwd: process.cwd(),
    title: process.title,
    globals: Object.getOwnPropertyNames(globalThis),
    enumerable: Object.keys(globalThis),
    symbols: Object.getOwnPropertySymbols(globalThis).map(String),
    enumerableSymbols: Object.getOwnPropertySymbols(globalThis)
      .filter((symbol) => Object.prototype.propertyIsEnumerable.call(globalThis, symbol))
      .map(String),
    cache: Object.keys(require.cache),
    extensions: Object.keys(Module._extensions),
    children: module.children.length,
    paths: module.paths,
    maxListeners: EventEmitter.defaultMaxListeners,
    stackTraceLimit: Error.stackTraceLimit,
    prepareStackTrace: typeof Error.prepareStackTrace,
    functions: Object.assign({}, ...WATCHED.map((name) => functionsOf(require(`node:${name}`), name))),
  };
}

const warnings = [];
process.on("warning", (warning) => warnings.push(warning.message));

const before = look();
server.listen(0, "127.0.0.1", async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const ask = () =>
    new Promise((resolve) =>
      http.get({ port: server.address().port, agent }, (response) => response.resume().on("end", resolve)),
    );
  for (let i = 0; i < REQUESTS; i++) await ask();
  agent.destroy();
  server.close(() => console.log(JSON.stringify({ before, after: look(), requests, warnings })));
});
