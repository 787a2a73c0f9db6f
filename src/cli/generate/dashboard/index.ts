/** The RED dashboard for Grafana, as the JSON that its provisioning and its import take. */
import { createHash } from "node:crypto";
import * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import type { GenerateOptions } from "../options.ts";
import type { Row } from "./panels.ts";
import { queryFor } from "./query.ts";
import { aborted } from "./rows/aborted.ts";
import { durations } from "./rows/durations.ts";
import { errors } from "./rows/errors.ts";
import { extremes } from "./rows/extremes.ts";
import { health } from "./rows/health.ts";
import { overview } from "./rows/overview.ts";
import { byRoute } from "./rows/routes.ts";
import { runtime } from "./rows/runtime.ts";
import { statusCodes } from "./rows/status-codes.ts";
import { variables } from "./variables.ts";

/**
 * @returns Grafana's classic dashboard model (schema version 42, which Grafana 10 and later read), two spaces deep, with
 *   a newline at the end. The same options give the same text.
 */
export function renderDashboard(options: GenerateOptions): string {
  const { service, pathLabel, objectives } = options;
  const uid = uidOf(service);
  const query = queryFor(pathLabel);
  const rows: readonly Row[] = [
    overview(query, options),
    byRoute(query, `/d/${uid}`, objectives.latencySeconds),
    durations(query),
    statusCodes(query),
    errors(query),
    aborted(query),
    extremes(query, objectives.latencySeconds),
    runtime(),
    health(),
  ];
  const builder = new dashboard.DashboardBuilder(service === undefined ? "RED" : `RED: ${service}`)
    .uid(uid)
    .description("Rate, errors and duration of HTTP services, as otel-red measures them.")
    .tags(["otel-red", "red", "http"])
    .time({ from: "now-1h", to: "now" })
    .refresh("30s")
    .timezone("browser")
    .tooltip(dashboard.DashboardCursorSync.Crosshair);
  for (const variable of variables(options)) builder.withVariable(variable);
  for (const { title, panels } of rows) {
    builder.withRow(new dashboard.RowBuilder(title));
    for (const panel of panels) builder.withPanel(panel);
  }
  const built = builder.build();
  for (const [index, panel] of (built.panels ?? []).entries()) panel.id = index + 1;
  return `${JSON.stringify(built, null, 2)}\n`;
}

/** Grafana takes 40 letters, digits, - and _; by it a dashboard is replaced by its next version, and found by links. */
function uidOf(service: string | undefined): string {
  if (service === undefined) return "otel-red";
  return `otel-red-${createHash("sha256").update(service).digest("hex").slice(0, 12)}`;
}
