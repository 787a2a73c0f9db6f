/** `@opentelemetry/api` as the packages in our bundles get it: all the same, but for its `diag`. */
export * from "@opentelemetry/api";
export { diag } from "./diag.ts";
