/** The dashboard's variables: where the data is, and which part of it is shown. Each is narrowed by those before it. */
import * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import { FAMILIES, LABEL_METHOD, LABEL_SERVICE } from "../../../view/red.ts";
import type { GenerateOptions } from "../options.ts";
import { equals, selector } from "../prometheus/promql.ts";
import { DATASOURCE } from "./panels.ts";
import { LABEL_INSTANCE, matches, VARIABLES } from "./query.ts";

type Variable = dashboard.QueryVariableBuilder | dashboard.DatasourceVariableBuilder;

const ALL = { selected: true, text: ["All"], value: ["$__all"] };
/** Matches every value, also those that were not there when the page was loaded. */
const ANY_VALUE = ".*";

export function variables({ service, pathLabel }: Pick<GenerateOptions, "service" | "pathLabel">): Variable[] {
  const byService = matches(LABEL_SERVICE, VARIABLES.service);
  const byInstance = matches(LABEL_INSTANCE, VARIABLES.instance);
  const byMethod = matches(LABEL_METHOD, VARIABLES.method);
  const valuesOf = (label: string, ...matchers: readonly (string | undefined)[]) =>
    `label_values(${FAMILIES.requests.name}${selector(...matchers)}, ${label})`;
  return [
    new dashboard.DatasourceVariableBuilder(VARIABLES.datasource).label("Data source").type("prometheus"),
    service === undefined
      ? choice(VARIABLES.service, "Service", valuesOf(LABEL_SERVICE)).allValue(ANY_VALUE)
      : choice(VARIABLES.service, "Service", valuesOf(LABEL_SERVICE, literally(equals(LABEL_SERVICE, service)))),
    // all of them by name: this one also selects series that know no service, `up` and those of the process
    choice(VARIABLES.instance, "Instance", valuesOf(LABEL_INSTANCE, byService)),
    choice(VARIABLES.method, "Method", valuesOf(LABEL_METHOD, byService, byInstance)).allValue(ANY_VALUE),
    choice(VARIABLES.path, "Path", valuesOf(pathLabel, byService, byInstance, byMethod)).allValue(ANY_VALUE),
  ];
}

/** Grafana would take a `$` for the beginning of a variable. */
function literally(matcher: string | undefined): string | undefined {
  return matcher?.replaceAll("$", "\\x24");
}

function choice(name: string, label: string, query: string): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder(name)
    .label(label)
    .query(query)
    .datasource(DATASOURCE)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .current(ALL);
}
