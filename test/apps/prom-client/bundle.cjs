// What express-prom-bundle does with `includeMethod` and `includePath`: one histogram, of all that ends, by the shape of the URL.
const { finished } = require("node:stream");
const { Histogram } = require("prom-client");
const { serve } = require("./serve.cjs");

const labelNames = ["status_code", "method", "path"];
const buckets = [0.003, 0.03, 0.1, 0.3, 1.5, 10];
const duration = new Histogram({ name: "http_request_duration_seconds", help: "Latency", labelNames, buckets });

serve((request, response, next) => {
  const endTimer = duration.startTimer();
  finished(response, () => {
    endTimer({
      status_code: response.headersSent ? response.statusCode : 499,
      method: request.method,
      path: request.originalUrl.replace(/\d+/g, "#val"),
    });
  });
  next();
});
