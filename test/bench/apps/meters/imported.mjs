/** An application with OpenTelemetry's API that asks it for nothing. */
import "@opentelemetry/api";
