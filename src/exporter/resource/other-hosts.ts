/** The host as OpenTelemetry's own detector sees it, in a file of its own: on Linux it is not loaded (see host.ts). */
export { hostDetector } from "@opentelemetry/resources";
