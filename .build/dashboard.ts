/** Renders `otel-config/grafana/dashboards/otel-red.json`, which is kept in git for people who copy it. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { renderDashboard } from "../src/cli/generate/dashboard/index.ts";
import { DEFAULT_OPTIONS } from "../src/cli/generate/options.ts";

const DASHBOARD = fileURLToPath(new URL("../otel-config/grafana/dashboards/otel-red.json", import.meta.url));

writeFileSync(DASHBOARD, renderDashboard(DEFAULT_OPTIONS));
