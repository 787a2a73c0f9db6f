// Instruments of every kind, used before and after the server listens.
const { createServer } = require("node:http");

exports.measure = (metrics) => {
  const meter = metrics.getMeter("shop", "1.2.3");
  meter.createCounter("orders", { description: "Orders taken", unit: "{order}" }).add(2, { kind: "book" });
  meter.createUpDownCounter("carts", { description: "Carts left" }).add(-3);
  const advice = { explicitBucketBoundaries: [10, 100] };
  const weight = meter.createHistogram("weight", { description: "Weight of a parcel", unit: "g", advice });
  for (const grams of [5, 50, 500]) weight.record(grams);
  meter.createGauge("temperature", { description: "Outside", unit: "Cel" }).record(21.5);
  const sent = meter.createObservableCounter("sent", { description: "Sent by mail", unit: "By" });
  sent.addCallback((result) => result.observe(1024));
  const queue = meter.createObservableGauge("queue.length", { description: "Jobs that wait" });
  queue.addCallback(async (result) => result.observe(7, { queue: "mail" }));
  const balance = meter.createObservableUpDownCounter("balance", { description: "Paid and owed" });
  balance.addCallback((result) => result.observe(-1));
  const [heads, tails] = ["heads", "tails"].map((side) =>
    meter.createObservableGauge(side, { description: "Coins that fell so" }),
  );
  meter.addBatchObservableCallback(
    (result) => {
      result.observe(heads, 1);
      result.observe(tails, 2);
    },
    [heads, tails],
  );
  return meter.createCounter("visits", { description: "Requests" });
};

/** @param visits a counter */
exports.serve = (visits) => {
  const server = createServer((_request, response) => {
    visits.add(1);
    response.end(String(globalThis[Symbol.for("opentelemetry.js.api.1")]));
  });
  server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
};
