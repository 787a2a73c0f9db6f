/**
 * What is compared: how each variant gets into an application, and where its metrics are then.
 */
import { fileURLToPath } from "node:url";

export type Framework = "http" | "cluster" | "express" | "fastify" | "koa" | "hono" | "nest" | "next";

export type VariantName =
  | "bare"
  | "again"
  | "light"
  | "stock"
  | "prom-client"
  | "prometheus-io"
  | "express-prom-bundle"
  | "fastify-metrics"
  | "otel"
  | "auto";

export interface Variant {
  readonly name: VariantName;
  /** Head of its column. */
  readonly title: string;
  /** Packages that a user installs for it, by their names in test/bench/package.json. */
  readonly packages: readonly string[];
  readonly frameworks: readonly Framework[];
  /** Node's flags for a preload. */
  readonly flags: readonly string[];
  /** Module with what the application itself does for it: see apps/. */
  readonly hooks?: string;
  /** @param metricsPort a free port, for those who cannot take any by themselves */
  readonly environment: (metricsPort: number) => NodeJS.ProcessEnv;
  /** Where its metrics are served: nowhere, by the application, on the port we chose, or on one that it names. */
  readonly metrics: "none" | "application" | "chosen port" | "announced";
}

/** Those in which the application itself sees each request; `next start` has no such place. */
const WITH_MIDDLEWARE: readonly Framework[] = ["http", "express", "fastify", "koa", "hono", "nest"];
const ALL: readonly Framework[] = [...WITH_MIDDLEWARE, "next"];
const WITH_CLUSTER: readonly Framework[] = [...ALL, "cluster"];

function path(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

const OTEL_RED = {
  packages: ["otel-red"],
  frameworks: ALL,
  flags: ["--require", path("../../dist/register.cjs")],
  metrics: "announced",
} as const;

const OTEL_RED_ENVIRONMENT = { OTEL_EXPORTER_PROMETHEUS_PORT: "0", OTEL_LOG_LEVEL: "info" };

export const VARIANTS: readonly Variant[] = [
  {
    name: "bare",
    title: "bare",
    packages: [],
    frameworks: WITH_CLUSTER,
    flags: [],
    environment: () => ({}),
    metrics: "none",
  },
  {
    name: "again",
    title: "bare again (A/A)",
    packages: [],
    frameworks: WITH_CLUSTER,
    flags: [],
    environment: () => ({}),
    metrics: "none",
  },
  {
    ...OTEL_RED,
    name: "light",
    title: "otel-red light",
    frameworks: WITH_CLUSTER,
    environment: () => OTEL_RED_ENVIRONMENT,
  },
  {
    ...OTEL_RED,
    name: "stock",
    title: "otel-red stock",
    environment: () => ({ ...OTEL_RED_ENVIRONMENT, RED_HTTP_INSTRUMENTATION: "stock" }),
  },
  {
    name: "prom-client",
    title: "prom-client by hand",
    packages: ["prom-client"],
    frameworks: [...WITH_MIDDLEWARE, "cluster"],
    flags: [],
    hooks: path("variants/prom-client.cjs"),
    environment: () => ({ BENCH_CLIENT: "prom-client" }),
    metrics: "application",
  },
  {
    name: "prometheus-io",
    title: "@prometheus-io/client by hand",
    packages: ["@prometheus-io/client"],
    frameworks: ["cluster"],
    flags: [],
    hooks: path("variants/prom-client.cjs"),
    environment: () => ({ BENCH_CLIENT: "@prometheus-io/client" }),
    metrics: "application",
  },
  {
    name: "express-prom-bundle",
    title: "express-prom-bundle",
    packages: ["express-prom-bundle", "prom-client"],
    frameworks: ["express", "nest"],
    flags: [],
    hooks: path("variants/express-prom-bundle.cjs"),
    environment: () => ({}),
    metrics: "application",
  },
  {
    name: "fastify-metrics",
    title: "fastify-metrics",
    packages: ["fastify-metrics"],
    frameworks: ["fastify"],
    flags: [],
    hooks: path("variants/fastify-metrics.cjs"),
    environment: () => ({}),
    metrics: "application",
  },
  {
    name: "otel",
    title: "OpenTelemetry HTTP + View",
    packages: [
      "@opentelemetry/api",
      "@opentelemetry/context-async-hooks",
      "@opentelemetry/exporter-prometheus",
      "@opentelemetry/instrumentation",
      "@opentelemetry/instrumentation-http",
      "@opentelemetry/sdk-metrics",
    ],
    frameworks: ALL,
    flags: ["--require", path("variants/otel-preload.cjs")],
    hooks: path("variants/otel.cjs"),
    environment: (port) => ({ OTEL_EXPORTER_PROMETHEUS_PORT: String(port) }),
    metrics: "chosen port",
  },
  {
    name: "auto",
    title: "OpenTelemetry auto-instrumentations",
    packages: ["@opentelemetry/api", "@opentelemetry/auto-instrumentations-node"],
    frameworks: ALL,
    flags: ["--require", path("node_modules/@opentelemetry/auto-instrumentations-node/dist/register.cjs")],
    hooks: path("variants/otel.cjs"),
    environment: (port) => ({
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      OTEL_METRICS_EXPORTER: "prometheus",
      OTEL_TRACES_EXPORTER: "none",
      OTEL_LOGS_EXPORTER: "none",
      // not those of the clouds, which ask the network where they are
      OTEL_NODE_RESOURCE_DETECTORS: "env,host,os,process,serviceinstance",
    }),
    metrics: "chosen port",
  },
];

/** Without the one that all others are held against. */
export const COMPARED: readonly Variant[] = VARIANTS.filter(({ name }) => name !== "bare");

export const BARE: Variant = VARIANTS[0] as Variant;

/** What every application of the benchmark gets, and nothing of what the caller has set for OpenTelemetry or Node. */
export function environmentOf(variant: Variant, metricsPort: number): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL_|RED_|NODE_|BENCH_)/.test(name));
  return {
    ...Object.fromEntries(inherited),
    NODE_ENV: "production",
    OTEL_SERVICE_NAME: "bench",
    OTEL_EXPORTER_PROMETHEUS_HOST: "127.0.0.1",
    ...(variant.hooks === undefined ? {} : { BENCH_HOOKS: variant.hooks }),
    ...variant.environment(metricsPort),
  };
}
