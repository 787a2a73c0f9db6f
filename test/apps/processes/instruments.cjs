// The application's own instruments, one of each kind. Returns the function that counts a request.
const { metrics } = require("@opentelemetry/api");

const meter = metrics.getMeter("app");
const jobs = meter.createCounter("app.jobs");
const connected = meter.createUpDownCounter("app.connected");
const size = meter.createHistogram("app.size", { advice: { explicitBucketBoundaries: [1, 10] } });
const temperature = meter.createGauge("app.temperature");
let seen = 0;

connected.add(1);
temperature.record(20.5);
meter.createObservableGauge("app.queue").addCallback((result) => result.observe(3));
meter.createObservableCounter("app.seen").addCallback((result) => result.observe(seen));

module.exports = function count(pathname) {
  seen += 1;
  jobs.add(1, { kind: pathname.split("/")[1], worker: "of-the-application" });
  size.record(5);
};
