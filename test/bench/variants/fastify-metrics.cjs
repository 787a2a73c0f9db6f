/** fastify-metrics as it is when registered: a histogram and a summary for each route, and Node's own metrics. */
const fastifyMetrics = require("fastify-metrics");

exports.fastify = (app) => {
  app.register(fastifyMetrics.default ?? fastifyMetrics, {
    endpoint: "/metrics",
    routeMetrics: { overrides: { histogram: { buckets: require("./buckets.cjs") } } },
  });
};
