/** One line for each route, which is also the way to look at one alone. */
import * as common from "@grafana/grafana-foundation-sdk/common";
import * as table from "@grafana/grafana-foundation-sdk/table";
import * as units from "@grafana/grafana-foundation-sdk/units";
import { FAMILIES, LABEL_METHOD, LABEL_SERVICE } from "../../../../view/red.ts";
import { column, DATASOURCE, FULL_WIDTH, lettered, type Row, type Target } from "../panels.ts";
import { ENDED, perSecond, type Query, quantile, ratio, SHOWN, sum, VARIABLES } from "../query.ts";

interface Column {
  readonly title: string;
  readonly unit: string;
  /** Default: as many as are needed. */
  readonly decimals?: number;
  readonly target: Target;
  /** From these values on the cell is yellow, and red. */
  readonly limits?: readonly [number, number];
}

/** @param dashboardPath of this dashboard in Grafana, to which a route's link leads back. */
export function byRoute(query: Query, dashboardPath: string, latencySeconds: number): Row {
  const { requests, gained, routeLabels, pathLabel } = query;
  const columns: readonly Column[] = [
    {
      title: "Rate",
      unit: units.RequestsPerSecond,
      target: column(`${perSecond(requests(SHOWN), SHOWN, ...routeLabels)} > 0`),
    },
    {
      title: "5xx",
      unit: units.PercentUnit,
      target: column(ratio(requests(SHOWN, ENDED.failed), requests(SHOWN), ...routeLabels)),
      limits: [0.001, 0.01],
    },
    {
      title: "4xx",
      unit: units.PercentUnit,
      target: column(ratio(requests(SHOWN, ENDED.refused), requests(SHOWN), ...routeLabels)),
    },
    {
      title: "p50",
      unit: units.Seconds,
      target: column(quantile(0.5, gained(`${FAMILIES.duration.name}_bucket`, SHOWN), ...routeLabels)),
      limits: [latencySeconds / 2, latencySeconds],
    },
    {
      title: "p95",
      unit: units.Seconds,
      target: column(quantile(0.95, gained(`${FAMILIES.duration.name}_bucket`, SHOWN), ...routeLabels)),
      limits: [latencySeconds / 2, latencySeconds],
    },
    {
      title: "Aborted",
      unit: units.LocaleFormat,
      decimals: 0,
      target: column(`${sum(gained(FAMILIES.aborted.name, SHOWN), ...routeLabels)} > 0`),
    },
  ];
  const targets = lettered(columns.map(({ target }) => target));
  const answers = Object.fromEntries(columns.map(({ title }, index) => [valuesOf(targets[index] as Target), title]));
  const panel = new table.PanelBuilder()
    .title("Routes")
    .description(
      "Every route that was asked for in the time shown. Click a heading to sort, a path to see nothing but that path. 5xx are the service's own failures; 4xx are wrong requests and clients that gave up.",
    )
    .datasource(DATASOURCE)
    .unit(units.Short)
    .targets(targets)
    // one line for all answers with the same labels
    .withTransformation({ id: "merge", options: {} })
    .withTransformation({
      id: "organize",
      options: {
        excludeByName: { Time: true },
        renameByName: { [LABEL_SERVICE]: "Service", [LABEL_METHOD]: "Method", [pathLabel]: "Path", ...answers },
        indexByName: Object.fromEntries([...routeLabels, ...Object.keys(answers)].map((name, index) => [name, index])),
      },
    })
    .sortBy([new common.TableSortByFieldStateBuilder().displayName("Rate").desc(true)])
    .overrideByName("Path", [
      { id: "links", value: [{ title: "Only this path", url: onlyThisPath(dashboardPath) }] },
      { id: "custom.minWidth", value: 240 },
    ])
    .span(FULL_WIDTH)
    .height(11);
  for (const { title, unit, decimals, limits } of columns) {
    panel.overrideByName(title, [
      { id: "unit", value: unit },
      ...(decimals === undefined ? [] : [{ id: "decimals", value: decimals }]),
      ...(limits === undefined ? [] : coloured(limits)),
    ]);
  }
  return { title: "By route", panels: [panel] };
}

/** What `merge` calls the values of a target. */
function valuesOf(target: Target): string {
  return `Value #${target.build().refId}`;
}

function coloured([yellow, red]: readonly [number, number]) {
  return [
    {
      id: "thresholds",
      value: {
        mode: "absolute",
        steps: [
          { value: null, color: "text" },
          { value: yellow, color: "yellow" },
          { value: red, color: "red" },
        ],
      },
    },
    { id: "custom.cellOptions", value: { type: common.TableCellDisplayMode.ColorText } },
  ];
}

/** The same dashboard, time and choice otherwise. A path has characters that mean something in a URL. */
function onlyThisPath(dashboardPath: string): string {
  const kept = [VARIABLES.datasource, VARIABLES.service, VARIABLES.instance, VARIABLES.method];
  const parameters = [`\${__url_time_range}`, ...kept.map((name) => `\${${name}:queryparam}`)];
  return `${dashboardPath}?${parameters.join("&")}&var-${VARIABLES.path}=\${__value.raw:percentencode}`;
}
