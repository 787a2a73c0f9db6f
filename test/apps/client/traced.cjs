// Calls made within a span and with baggage: prints what arrived of the trace, and the spans, as one line of JSON.
const { context, propagation, trace } = require("@opentelemetry/api");
const { once } = require("node:events");
const { listen } = require("./target.cjs");

const TRACE_HEADERS = ["traceparent", "tracestate", "baggage"];

function received(rawHeaders) {
  const pairs = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1]]] : []));
  return pairs.filter(([name]) => TRACE_HEADERS.includes(name));
}

exports.callTraced = async (get) => {
  const ports = await listen();
  const url = `http://127.0.0.1:${ports.http}/echo`;
  const viaHttp = async (...args) => {
    const [response] = await once(get(...args), "response");
    return received(JSON.parse(Buffer.concat(await response.toArray())));
  };
  const arrived = {};
  const baggage = propagation.createBaggage({ tenant: { value: "acme" } });
  const run = () =>
    trace.getTracer("app").startActiveSpan("parent", async (parent) => {
      arrived.http = await viaHttp(url);
      arrived.options = await viaHttp({ host: "127.0.0.1", port: ports.http, path: "/echo", headers: { a: "b" } });
      arrived.fetch = received(await (await fetch(url)).json());
      // with two instrumentations, too, a response that nobody listens for is read away
      await once(get(url, { agent: false }), "close");
      parent.end();
    });
  await context.with(propagation.setBaggage(context.active(), baggage), run);
  ports.close();
  const spans = globalThis.finishedSpans().map((span) => ({
    name: span.name,
    kind: span.kind,
    id: span.spanContext().spanId,
    parent: span.parentSpanContext?.spanId,
    scope: span.instrumentationScope.name,
  }));
  console.log(JSON.stringify({ arrived, spans }));
};
