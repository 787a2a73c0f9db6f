/**
 * OpenTelemetry by hand, as a preload: HttpInstrumentation into a View with RED's name, labels and buckets, the
 * Prometheus exporter with its own server, and the context manager that routes and traces need. No counters beside the
 * histogram and no instrumentation of a framework, so that it costs less than RED made of it would.
 */
const { context } = require("@opentelemetry/api");
const { AsyncLocalStorageContextManager } = require("@opentelemetry/context-async-hooks");
const { PrometheusExporter } = require("@opentelemetry/exporter-prometheus");
const { registerInstrumentations } = require("@opentelemetry/instrumentation");
const { HttpInstrumentation } = require("@opentelemetry/instrumentation-http");
const { AggregationType, MeterProvider } = require("@opentelemetry/sdk-metrics");

/** More than any row asks for: past its limit the SDK has one series for all that is new. */
const MOST_LABEL_SETS = 20_000;

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

const meterProvider = new MeterProvider({
  readers: [
    new PrometheusExporter({
      host: process.env.OTEL_EXPORTER_PROMETHEUS_HOST,
      port: Number(process.env.OTEL_EXPORTER_PROMETHEUS_PORT),
    }),
  ],
  views: [
    {
      instrumentName: "http.server.request.duration",
      name: "http_request_duration_seconds",
      aggregation: {
        type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
        options: { boundaries: require("./buckets.cjs"), recordMinMax: false },
      },
      attributesProcessors: [
        {
          process: (attributes) => ({
            method: attributes["http.request.method"],
            status_code: attributes["http.response.status_code"],
            path: attributes["http.route"],
            service: "bench",
          }),
        },
      ],
      aggregationCardinalityLimit: MOST_LABEL_SETS,
    },
  ],
});

registerInstrumentations({ meterProvider, instrumentations: [new HttpInstrumentation()] });
