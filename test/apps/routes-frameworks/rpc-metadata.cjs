// A framework that we do not know, with an instrumentation of its own that tells OpenTelemetry its routes.
const { AsyncLocalStorage } = require("node:async_hooks");
const { createServer } = require("node:http");
const { context, ROOT_CONTEXT } = require("@opentelemetry/api");
const { getRPCMetadata, RPCType, setRPCMetadata } = require("@opentelemetry/core");
const { serve } = require("./serve.cjs");

/** As @opentelemetry/context-async-hooks has it. */
class Contexts {
  #storage = new AsyncLocalStorage();
  active() {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }
  with(active, act, self, ...args) {
    return this.#storage.run(active, () => act.apply(self, args));
  }
  bind(_active, target) {
    return target;
  }
  enable() {
    return this;
  }
  disable() {
    return this;
  }
}
context.setGlobalContextManager(new Contexts());

/** The instrumentation of HTTP opens the context of a request, that of the framework tells the route in there. */
function instrumented(handle) {
  return (req, res) => {
    const metadata = { type: RPCType.HTTP, span: undefined };
    context.with(setRPCMetadata(context.active(), metadata), () => handle(req, res));
  };
}

const routes = { users: "/users/{id}", odd: 42, raw: "not-a-path" };

async function handle(req, res) {
  const [, name] = req.url.split("/");
  if (req.headers["x-later"]) await new Promise((resolve) => setTimeout(resolve, 5));
  if (name in routes) getRPCMetadata(context.active()).route = routes[name];
  res.end("answered");
}

serve({ main: createServer(instrumented(handle)) });
