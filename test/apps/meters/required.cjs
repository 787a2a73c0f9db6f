const { metrics } = require("@opentelemetry/api");
const { measure, serve } = require("./measure.cjs");

serve(measure(metrics));
