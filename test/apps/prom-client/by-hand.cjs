// A middleware by hand, with the names, labels and buckets that otel-red has, too.
const { Counter, Gauge, Histogram } = require("prom-client");
const { serve } = require("./serve.cjs");

const labelNames = ["method", "status_code", "path", "service"];
const requests = new Counter({ name: "http_requests_total", help: "Requests", labelNames });
const errors = new Counter({ name: "http_errors_total", help: "Errors", labelNames });
const duration = new Histogram({ name: "http_request_duration_seconds", help: "Latency", labelNames });
const active = new Gauge({ name: "http_requests_active", help: "In flight" });

serve((request, response, next) => {
  const endTimer = duration.startTimer();
  active.inc();
  response.once("close", () => active.dec());
  response.once("finish", () => {
    const path = request.route ? request.baseUrl + request.route.path : "unmatched";
    const labels = { method: request.method, status_code: response.statusCode, path, service: "shop" };
    requests.inc(labels);
    if (response.statusCode >= 400) errors.inc(labels);
    endTimer(labels);
  });
  next();
});
