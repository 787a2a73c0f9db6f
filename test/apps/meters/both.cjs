// One part of it requires the API, another one imports it: from 1.10 on these are two copies.
const { metrics } = require("@opentelemetry/api");
const { measure, serve } = require("./measure.cjs");

metrics.getMeter("required").createCounter("early").add(1);
import("@opentelemetry/api").then(({ metrics }) => serve(measure(metrics)));
