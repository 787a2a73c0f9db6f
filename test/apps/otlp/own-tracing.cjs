// The application's own tracing: what @opentelemetry/sdk-node puts together, without its exporters.
const { AsyncLocalStorage } = require("node:async_hooks");
const { context, ROOT_CONTEXT, trace } = require("@opentelemetry/api");
const { registerInstrumentations } = require("@opentelemetry/instrumentation");
const { HttpInstrumentation } = require("@opentelemetry/instrumentation-http");
const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } = require("@opentelemetry/sdk-trace");

const storage = new AsyncLocalStorage();
const manager = {
  active: () => storage.getStore() ?? ROOT_CONTEXT,
  with: (active, run, self, ...parameters) => storage.run(active, () => run.apply(self, parameters)),
  bind: (active, target) =>
    typeof target === "function" ? (...parameters) => storage.run(active, () => target(...parameters)) : target,
  enable: () => manager,
  disable: () => manager,
};
const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
context.setGlobalContextManager(manager);
trace.setGlobalTracerProvider(provider);
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });

module.exports = () =>
  exporter.getFinishedSpans().map(({ kind, attributes }) => {
    const url = attributes["url.full"] ?? attributes["http.url"] ?? attributes["url.path"] ?? attributes["http.target"];
    return `${kind} ${String(url).replace(/^.*\/\/[^/]+/, "")}`;
  });
