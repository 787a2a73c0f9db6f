const { measure, serve } = require("./measure.cjs");

import("@opentelemetry/api").then(({ metrics }) => serve(measure(metrics)));
