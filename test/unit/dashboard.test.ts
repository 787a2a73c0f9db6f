/** The dashboard as a document: valid for Grafana, nothing on top of anything else, nothing left unsaid. */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { parse } from "yaml";
import { renderDashboard } from "../../src/cli/generate/dashboard/index.ts";
import { DEFAULT_OPTIONS } from "../../src/cli/generate/options.ts";
import { REPOSITORY } from "../support/app.ts";
import { type Dashboard, dataPanels, rowsOf } from "../support/grafana/dashboard.ts";
import { readConfig } from "../support/otel-config/files.ts";

const SCHEMA = fileURLToPath(import.meta.resolve("@grafana/schema"));
const PICTURES = join(REPOSITORY, "otel-config/grafana/pictures");
const MOST_BYTES = 200_000;
const WIDTH = 24;
const text = renderDashboard(DEFAULT_OPTIONS);
const dashboard = JSON.parse(text) as Dashboard;
const panels = dataPanels(dashboard);
const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

describe("the dashboard", () => {
  it("is valid for Grafana's own types", function () {
    this.timeout(60_000);
    equal(refusedByGrafana(text), "");
  });

  it("what is not valid is noticed", function () {
    this.timeout(60_000);
    match(refusedByGrafana(text.replace('"gridPos"', '"gridPosition"')), /gridPosition/);
  });

  it("has the rows in the order of the questions", () =>
    deepEqual(
      [...rowsOf(dashboard).keys()],
      [
        "Overview",
        "By route",
        "Durations",
        "Status codes",
        "Errors by route",
        "Aborted",
        "Slowest and busiest routes",
        "Runtime",
        "Health of the metrics",
      ],
    ));

  it("no two panels have the same id, and no two of them the same title", () => {
    const { length } = dashboard.panels;
    equal(new Set(dashboard.panels.map(({ id }) => id)).size, length);
    equal(new Set(panels.map(({ title }) => title)).size, panels.length);
  });

  it("every place of the grid is taken once, line by line", () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of dashboard.panels) {
      ok(gridPos.x + gridPos.w <= WIDTH, `${title} is wider than the grid`);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          equal(taken.get(`${x},${y}`), undefined, `${title} is on top of ${taken.get(`${x},${y}`)}`);
          taken.set(`${x},${y}`, title);
        }
      }
    }
    const height = Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
    equal(taken.size, WIDTH * height, "there are holes");
  });

  for (const { title, description, datasource, fieldConfig, targets = [] } of panels)
    it(`${title}: a description, a unit, the chosen data source, distinct targets`, () => {
      match(description ?? "", /^[A-Z0-9].*\.$/s);
      ok(fieldConfig?.defaults.unit);
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's, not ours
      deepEqual(datasource, { type: "prometheus", uid: "${datasource}" });
      equal(new Set(targets.map(({ refId }) => refId)).size, targets.length);
      ok(targets.length > 0);
    });

  it("rates are over $__rate_interval or all that is shown, never over a time of our own", () => {
    for (const query of queries)
      for (const [, range] of query.matchAll(/\[([^\]]*)\]/g))
        ok(["$__rate_interval", "$__range"].includes(range ?? ""));
  });

  it("names no service, no instance and no route", () => {
    for (const query of queries)
      for (const [, label, value] of query.matchAll(/\b(service|instance|method|path)=~?["`]([^"`]*)["`]/g))
        equal(value, `\${${label}:regex}`);
  });

  it("what each worker has for itself is by instance and worker, in the query and in the legend", () => {
    const ofWorkers = panels.flatMap(({ targets = [] }) =>
      targets.filter(({ expr }) => /\b(?:process|nodejs)_\w/.test(expr)),
    );
    ok(ofWorkers.length > 0);
    for (const { expr, legendFormat = "" } of ofWorkers) {
      match(expr, /\bby \(instance, worker[,)]/);
      match(legendFormat, /^\{\{instance\}\}\{\{word\}\}\{\{worker\}\}(?: |$)/);
    }
  });

  it("durations over time lead to traces, once each", () => {
    const asking = panels.flatMap(({ title, targets = [] }) =>
      targets.filter(({ exemplar }) => exemplar === true).map(({ refId }) => `${title} ${refId}`),
    );
    deepEqual(asking, ["Duration over time C", "Requests by duration A"]);
  });

  it("the link of a route keeps the time and the other variables", () => {
    const [link] = /"url": "(\/d\/[^"]*)"/.exec(text)?.slice(1) ?? [];
    equal(
      link,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's, not ours
      "/d/otel-red?${__url_time_range}&${datasource:queryparam}&${service:queryparam}&${instance:queryparam}&${method:queryparam}&var-path=${__value.raw:percentencode}",
    );
  });

  it("takes any service: a uid that Grafana accepts, no variable in its name, and another one for another service", () => {
    const rendered = (service: string | undefined) =>
      JSON.parse(renderDashboard({ ...DEFAULT_OPTIONS, service })) as Dashboard;
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (service) => {
        const { uid, templating } = rendered(service);
        match(uid, /^[\w-]{1,40}$/);
        notEqual(uid, dashboard.uid);
        const [, ofService] = templating.list;
        equal(ofService?.query.includes("$"), false);
        equal(ofService?.allValue, undefined);
      }),
    );
    notEqual(rendered("shop").uid, rendered("Shop").uid);
  });

  it("has satisfaction without a bound above the objective, too", () => {
    const objectives = { ...DEFAULT_OPTIONS.objectives, latencySeconds: 5 };
    const { panels } = JSON.parse(renderDashboard({ ...DEFAULT_OPTIONS, objectives })) as Dashboard;
    const satisfaction = panels.find(({ title }) => title === "Satisfaction");
    match(satisfaction?.targets?.[0]?.expr ?? "", /\/ 1\n/);
  });
});

describe("the dashboard's pictures (npm run pictures makes them)", () => {
  const names = readdirSync(PICTURES);
  it("are there", () => ok(names.length > 0));
  it("are shown by the guide", () => {
    const shown = [...readConfig("README.md").matchAll(/\(grafana\/pictures\/([\w.]+)\)/g)].map(([, name]) => name);
    deepEqual(shown.toSorted(), names.toSorted());
  });
  for (const name of names)
    it(`${name} is a PNG, and small`, () => {
      const picture = readFileSync(join(PICTURES, name));
      equal(picture.toString("latin1", 1, 4), "PNG");
      ok(picture.length < MOST_BYTES, `${picture.length} bytes`);
    });
});

describe("Grafana's provisioning", () => {
  const provisioned = (path: string) =>
    parse(readFileSync(join(REPOSITORY, "otel-config/grafana/provisioning", path), "utf8"));

  it("has one data source, the default, with an interval for $__rate_interval", () => {
    const { apiVersion, datasources } = provisioned("datasources/prometheus.yaml");
    equal(apiVersion, 1);
    deepEqual(
      datasources.map(({ type, isDefault, jsonData }: Record<string, unknown>) => ({ type, isDefault, jsonData })),
      [{ type: "prometheus", isDefault: true, jsonData: { timeInterval: "15s", httpMethod: "POST" } }],
    );
  });

  it("finds the dashboard where compose.yaml mounts it", () => {
    const { apiVersion, providers } = provisioned("dashboards/otel-red.yaml");
    equal(apiVersion, 1);
    const compose = parse(readFileSync(join(REPOSITORY, "otel-config/compose.yaml"), "utf8"));
    const mounts: string[] = compose.services.grafana.volumes;
    ok(mounts.some((mount) => mount.startsWith(`./grafana/dashboards:${providers[0].options.path}:`)));
  });
});

/**
 * What the TypeScript compiler says to the JSON as a value of the types that Grafana publishes, which are generated from
 * the schema of its dashboards. Two things are ours to translate: an enumeration has members and not their strings, and the
 * SDK gives every variable the settings that only those of intervals have.
 */
function refusedByGrafana(json: string): string {
  const folder = mkdtempSync(join(tmpdir(), "otel-red-dashboard-"));
  try {
    const source = `import { type Dashboard, ThresholdsMode, type VariableModel } from "@grafana/schema";
type Variable = VariableModel & { auto: boolean; auto_min: string; auto_count: number };
export const dashboard: Omit<Dashboard, "templating"> & { templating: { list: Variable[] } } =
${json.replaceAll('"mode": "absolute"', '"mode": ThresholdsMode.Absolute')};`;
    writeFileSync(join(folder, "dashboard.ts"), source);
    const options = {
      noEmit: true,
      strict: true,
      module: "nodenext",
      target: "es2022",
      skipLibCheck: true,
      types: [],
      paths: { "@grafana/schema": [join(dirname(SCHEMA), "../types/index.d.ts")] },
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["dashboard.ts"] }));
    return spawnSync(join(REPOSITORY, "node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8" }).stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
