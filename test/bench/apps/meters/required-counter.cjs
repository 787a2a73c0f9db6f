/** An application with an instrument of its own. */
const { metrics } = require("@opentelemetry/api");

metrics.getMeter("bench").createCounter("orders").add(1);
