import { metrics } from "@opentelemetry/api";
import { measure, serve } from "./measure.cjs";

serve(measure(metrics));
