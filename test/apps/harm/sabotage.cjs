/**
 * Preloaded before otel-red: has something that it calls throw, for it alone and only once `globalThis.sabotaged` is set.
 * SABOTAGE says what.
 */
const http = require("node:http");

/** To be called by what is sabotaged: the caller of that is two frames up. */
function throwIfCalledByUs() {
  const caller = new Error().stack.split("\n")[3] ?? "";
  const isOurs = /[\\/]dist[\\/]\w+\.cjs/.test(caller) && !caller.includes("node_modules");
  if (globalThis.sabotaged && isOurs) throw new Error("sabotaged");
}

/** A property that Node's constructors assign, as an accessor. */
function onRead(prototype, name) {
  const slot = Symbol(name);
  Object.defineProperty(prototype, name, {
    configurable: true,
    get() {
      throwIfCalledByUs();
      return this[slot];
    },
    set(value) {
      this[slot] = value;
    },
  });
}

function onCall(object, name) {
  object[name] = new Proxy(object[name], {
    apply(target, self, args) {
      throwIfCalledByUs();
      return Reflect.apply(target, self, args);
    },
  });
}

const sabotages = {
  start: () => onRead(http.IncomingMessage.prototype, "url"),
  finish: () => onRead(http.ServerResponse.prototype, "statusMessage"),
  close: () => onRead(http.OutgoingMessage.prototype, "_headerSent"),
  "fastify hook": () => onCall(Object, "getOwnPropertySymbols"),
  listening: () => onCall(process, "getBuiltinModule"),
  ports: () => onCall(globalThis, "Number"),
  exporting: () => onCall(http, "createServer"),
  collection: () => onCall(Date, "now"),
  "standing aside": () => {
    onRead(http.IncomingMessage.prototype, "url");
    onCall(http.Server.prototype, "closeAllConnections");
    onCall(require("node:net").Socket.prototype, "removeListener");
  },
  loading: () => {
    delete globalThis.performance;
  },
};

sabotages[process.env.SABOTAGE]?.();
if (process.env.SABOTAGED_FROM_THE_START) globalThis.sabotaged = true;
