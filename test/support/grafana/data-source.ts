/** Grafana's Prometheus data source: the HTTP requests that panels and variables become. */
import type { Dashboard, Panel, Target, Variable } from "./dashboard.ts";
import { type Choice, interpolate, type View } from "./interpolation.ts";

/** One line of a chart, one bar, or one row of a table. */
export interface Answer {
  readonly refId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The legend with its labels filled in. */
  readonly name: string;
  /** Seconds since the epoch and value; one point of an instant query. */
  readonly points: readonly (readonly [seconds: number, value: number])[];
}

interface Result {
  readonly metric: Record<string, string>;
  readonly value?: [number, string];
  readonly values?: [number, string][];
}

/** @throws Error with what Prometheus has to say where it does not take the query. */
export async function ask(prometheusUrl: string, target: Target, view: View): Promise<Answer[]> {
  const query = interpolate(target.expr, view);
  const { toSeconds, fromSeconds, stepSeconds } = view;
  const { result: results } = target.instant
    ? await post<{ result: Result[] }>(`${prometheusUrl}/api/v1/query`, { query, time: String(toSeconds) })
    : await post<{ result: Result[] }>(`${prometheusUrl}/api/v1/query_range`, {
        query,
        start: String(fromSeconds),
        end: String(toSeconds),
        step: String(stepSeconds),
      });
  return results.map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
    refId: target.refId,
    labels: metric,
    name: (target.legendFormat ?? "").replace(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? ""),
    points: values.map(([seconds, number]) => [seconds, Number(number.replace("Inf", "Infinity"))] as const),
  }));
}

/** The answers to all queries of the panel. */
export async function answersTo(prometheusUrl: string, { targets = [] }: Panel, view: View): Promise<Answer[]> {
  return (await Promise.all(targets.map((target) => ask(prometheusUrl, target, view)))).flat();
}

/** The value at the end of the time shown. */
export function lastOf({ points }: Answer): number {
  return points.at(-1)?.[1] ?? Number.NaN;
}

const LABEL_VALUES = /^label_values\((.*), (\w+)\)$/;

/** The values that the variable offers, sorted. */
async function optionsOf(prometheusUrl: string, variable: Variable, view: View): Promise<string[]> {
  const [, selector, label] = LABEL_VALUES.exec(variable.query) ?? [];
  if (selector === undefined) throw new Error(`${variable.query} is not label_values(selector, label)`);
  const parameters = new URLSearchParams({
    "match[]": interpolate(selector, view),
    start: String(view.fromSeconds),
    end: String(view.toSeconds),
  });
  return answered<string[]>(await fetch(`${prometheusUrl}/api/v1/label/${label}/values?${parameters}`));
}

/** All variables in their order, each narrowed by what is chosen in those before it. What is not named is All. */
export async function choose(
  prometheusUrl: string,
  dashboard: Dashboard,
  time: Omit<View, "choices">,
  chosen: Readonly<Record<string, readonly string[]>> = {},
): Promise<View> {
  const choices = new Map<string, Choice>();
  for (const variable of dashboard.templating.list) {
    if (variable.type !== "query") continue;
    const options = await optionsOf(prometheusUrl, variable, { ...time, choices });
    choices.set(variable.name, { allValue: variable.allValue, options, chosen: chosen[variable.name] ?? "all" });
  }
  return { ...time, choices };
}

async function post<T>(url: string, form: Readonly<Record<string, string>>): Promise<T> {
  return answered(await fetch(url, { method: "POST", body: new URLSearchParams(form) }), form.query);
}

async function answered<T>(response: Response, query = response.url): Promise<T> {
  const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
  if (status !== "success") throw new Error(`${query}: ${error}`);
  return data;
}
