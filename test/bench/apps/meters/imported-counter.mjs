/** An application with an instrument of its own. */
import { metrics } from "@opentelemetry/api";

metrics.getMeter("bench").createCounter("orders").add(1);
