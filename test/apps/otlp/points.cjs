// 500 counters in one, and a bad value of each kind of instrument beside a good one.
const { createServer } = require("node:http");
const { metrics } = require("@opentelemetry/api");

const meter = metrics.getMeter("shop");
const orders = meter.createCounter("orders");
for (let customer = 0; customer < 500; customer++) orders.add(1, { customer: `customer-${customer}` });

const bad = { value: "bad" };
const good = { value: "good" };
const gauge = meter.createGauge("gauge");
gauge.record(0 / 0, bad);
gauge.record(1, good);
const counter = meter.createCounter("counter");
counter.add(Number.POSITIVE_INFINITY, bad);
counter.add(1, good);
const histogram = meter.createHistogram("histogram");
histogram.record(Number.POSITIVE_INFINITY, bad);
histogram.record(1, good);
meter.createObservableGauge("observed").addCallback((result) => {
  result.observe(-1 / 0, bad);
  result.observe(1, good);
});
counter.add(1, { value: "bad", ratio: 0 / 0 });

const server = createServer((_request, response) => response.end("ok"));
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
