/** An application with OpenTelemetry's API that asks it for nothing. */
require("@opentelemetry/api");
