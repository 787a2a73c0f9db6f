/** The instrumentation scope of all that this package measures: https://opentelemetry.io/docs/specs/otel/common/instrumentation-scope/ */
export const SCOPE = { name: "otel-red", version: "0.1.0" } as const;
