/** The instrumentation scope of all that this package measures: https://opentelemetry.io/docs/specs/otel/common/instrumentation-scope/ */
import { VERSION } from "./version.ts";

export const SCOPE = { name: "otel-red", version: VERSION } as const;
