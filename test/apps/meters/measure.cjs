// Instruments of every kind, used before and after the server listens.
const { createServer } = require("node:http");

exports.measure = (metrics) => {
  const meter = metrics.getMeter("shop", "1.2.3");
  meter.createCounter("orders", { description: "Orders taken", unit: "{order}" }).add(2, { kind: "book" });
  meter.createUpDownCounter("carts").add(-3);
  const weight = meter.createHistogram("weight", { unit: "g", advice: { explicitBucketBoundaries: [10, 100] } });
  for (const grams of [5, 50, 500]) weight.record(grams);
  meter.createGauge("temperature", { unit: "Cel" }).record(21.5);
  meter.createObservableCounter("sent", { unit: "By" }).addCallback((result) => result.observe(1024));
  meter.createObservableGauge("queue.length").addCallback(async (result) => result.observe(7, { queue: "mail" }));
  meter.createObservableUpDownCounter("balance").addCallback((result) => result.observe(-1));
  const [heads, tails] = [meter.createObservableGauge("heads"), meter.createObservableGauge("tails")];
  meter.addBatchObservableCallback(
    (result) => {
      result.observe(heads, 1);
      result.observe(tails, 2);
    },
    [heads, tails],
  );
  return meter.createCounter("visits");
};

/** @param visits a counter */
exports.serve = (visits) => {
  const server = createServer((_request, response) => {
    visits.add(1);
    response.end(String(globalThis[Symbol.for("opentelemetry.js.api.1")]));
  });
  server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
};
