// A traced service: /traced answers in the context of a sampled span, /unsampled in one that is not, /plain in none.
const { createServer } = require("node:http");
const { context, trace } = require("@opentelemetry/api");
const { AsyncLocalStorageContextManager } = require("@opentelemetry/context-async-hooks");

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

let requests = 0;
function spanContext(traceFlags) {
  requests++;
  return { traceId: String(requests).padStart(32, "a"), spanId: String(requests).padStart(16, "b"), traceFlags };
}

const server = createServer((request, response) => {
  if (request.url === "/plain") return response.end("plain");
  const span = spanContext(request.url === "/traced" ? 1 : 0);
  context.with(trace.setSpanContext(context.active(), span), () => setImmediate(() => response.end(span.traceId)));
});
server.listen(0, "127.0.0.1", () => console.log("listening", server.address().port));
