/**
 * The environment of apps/cluster.cjs.
 */

/** @param metricsPort of the page of all workers */
export function clusterEnvironment(workers: number, labelSets: number, metricsPort: number): NodeJS.ProcessEnv {
  return {
    BENCH_WORKERS: String(workers),
    BENCH_METRICS_PORT: String(metricsPort),
    OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
    // half of otel-red's budget is for paths without a router
    RED_MAX_LABEL_SETS: String(2 * labelSets + 100),
  };
}
