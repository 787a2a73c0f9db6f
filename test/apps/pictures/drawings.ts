/** What is to be drawn of a panel: numbers and words, ready for a page that knows nothing of Prometheus. */
import type { Panel } from "../../support/grafana/dashboard.ts";
import type { Answer } from "../../support/grafana/data-source.ts";
import type { View } from "../../support/grafana/interpolation.ts";
import { formatOf } from "./units.ts";

export type Drawing = { readonly title: string; readonly place: Panel["gridPos"] } & (
  | { readonly kind: "numbers"; readonly numbers: readonly Label[] }
  | { readonly kind: "bars"; readonly bars: readonly (Label & { readonly share: number })[] }
  | { readonly kind: "table"; readonly header: readonly string[]; readonly rows: readonly (readonly Cell[])[] }
  | {
      readonly kind: "cells";
      readonly rows: readonly string[];
      readonly columns: readonly string[];
      readonly shares: readonly (readonly number[])[];
    }
  | {
      readonly kind: "curves";
      readonly curves: readonly Curve[];
      readonly seconds: readonly number[];
      readonly unit: string;
      readonly stacked: boolean;
    }
);

export interface Cell {
  readonly text: string;
  readonly color: string | undefined;
}

export interface Label extends Cell {
  readonly name: string;
}

export interface Curve {
  readonly name: string;
  readonly color: string;
  /** One for each of the drawing's seconds; null where there is none. */
  readonly values: readonly (number | null)[];
}

/** Grafana's names of colours, in this page's shades. */
const COLORS: Readonly<Record<string, string>> = {
  text: "#d8d9da",
  green: "#73bf69",
  yellow: "#fade2a",
  orange: "#ff9830",
  red: "#f2495c",
  blue: "#5794f2",
  "super-light-blue": "#c0d8ff",
};
const PALETTE = ["#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#705da0"];

export function drawing(panel: Panel, answers: readonly Answer[], view: View): Drawing {
  const { title, gridPos: place, type } = panel;
  switch (type) {
    case "stat":
      return { title, place, kind: "numbers", numbers: answers.map((answer) => label(panel, answer)) };
    case "bargauge": {
      const most = Math.max(...answers.map(lastOf));
      const bars = answers.map((answer) => ({ ...label(panel, answer), share: lastOf(answer) / most }));
      return { title, place, kind: "bars", bars };
    }
    case "table":
      return { title, place, kind: "table", ...tableOf(panel, answers) };
    case "heatmap":
      return { title, place, kind: "cells", ...cellsOf(answers, view) };
    case "timeseries": {
      const seconds = secondsOf(view);
      const curves = answers.map((answer, index) => ({
        name: answer.name,
        color: overridden(panel, answer.name) ?? (PALETTE[index % PALETTE.length] as string),
        values: valuesAt(seconds, answer),
      }));
      const stacked = panel.fieldConfig?.defaults.custom?.stacking?.mode === "normal";
      return { title, place, kind: "curves", curves, seconds, unit: panel.fieldConfig?.defaults.unit ?? "", stacked };
    }
    default:
      throw new Error(`${title} is a ${type}, which pictures/drawings.ts does not draw yet`);
  }
}

const lastOf = ({ points }: Answer) => points.at(-1)?.[1] ?? Number.NaN;

function label(panel: Panel, answer: Answer): Label {
  const { unit, thresholds } = panel.fieldConfig?.defaults ?? {};
  const value = lastOf(answer);
  const color = overridden(panel, answer.name) ?? COLORS[reached(value, thresholds?.steps ?? []) ?? ""];
  return { name: answer.name, text: formatOf(unit)(value), color };
}

/** The colour of the last threshold that is not above the value. */
function reached(value: number, steps: readonly { readonly value: number | null; readonly color: string }[]) {
  return steps.findLast((step) => step.value === null || value >= step.value)?.color;
}

/** The colour that the panel gives to a series of this name. */
function overridden({ fieldConfig }: Panel, name: string): string | undefined {
  for (const { matcher, properties } of fieldConfig?.overrides ?? []) {
    const matched =
      matcher.id === "byName"
        ? matcher.options === name
        : new RegExp(String(matcher.options).replace(/^\/|\/$/g, "")).test(name);
    const color = properties.find(({ id }) => id === "color")?.value as { fixedColor?: string } | undefined;
    if (matched && color?.fixedColor !== undefined) return COLORS[color.fixedColor];
  }
  return undefined;
}

/** One row for each combination of labels, as Grafana's transformation `merge` makes them; the first column of numbers sorts. */
function tableOf(panel: Panel, answers: readonly Answer[]) {
  const organize = panel.transformations?.find(({ id }) => id === "organize")?.options;
  const { renameByName = {}, indexByName = {} } = organize ?? {};
  const columns = Object.keys(indexByName).sort((a, b) => (indexByName[a] ?? 0) - (indexByName[b] ?? 0));
  const rows = new Map<string, { labels: Answer["labels"]; values: Map<string, number> }>();
  for (const answer of answers) {
    const key = JSON.stringify(Object.entries(answer.labels).sort());
    const row = rows.get(key) ?? { labels: answer.labels, values: new Map() };
    rows.set(key, row);
    row.values.set(`Value #${answer.refId}`, lastOf(answer));
  }
  const sorted = [...rows.values()].sort((a, b) => (b.values.get("Value #A") ?? 0) - (a.values.get("Value #A") ?? 0));
  return {
    header: columns.map((column) => renameByName[column] ?? column),
    rows: sorted.map(({ labels, values }) =>
      columns.map((column): Cell => {
        const value = values.get(column);
        if (value === undefined) return { text: labels[column] ?? "", color: undefined };
        const properties = panel.fieldConfig?.overrides?.find(
          ({ matcher }) => matcher.options === renameByName[column],
        )?.properties;
        const unit = properties?.find(({ id }) => id === "unit")?.value as string | undefined;
        const limits = properties?.find(({ id }) => id === "thresholds")?.value as
          | { steps: { value: number | null; color: string }[] }
          | undefined;
        return { text: formatOf(unit)(value), color: COLORS[reached(value, limits?.steps ?? []) ?? "text"] };
      }),
    ),
  };
}

/** The buckets of Prometheus are cumulative; a cell is what lies between its bound and the one below. */
function cellsOf(answers: readonly Answer[], view: View) {
  const seconds = secondsOf(view);
  const ascending = [...answers].sort((a, b) => bound(a) - bound(b));
  const cumulated = ascending.map((answer) => valuesAt(seconds, answer).map((value) => value ?? 0));
  const rates = cumulated.map((row, index) =>
    row.map((value, at) => Math.max(0, value - (cumulated[index - 1]?.[at] ?? 0))),
  );
  const most = Math.max(...rates.flat());
  return {
    rows: ascending.map((answer) =>
      bound(answer) === Number.POSITIVE_INFINITY ? "+Inf" : formatOf("s")(bound(answer)),
    ),
    columns: seconds.map((second) => new Date(second * 1000).toISOString().slice(11, 19)),
    shares: rates.map((row) => row.map((rate) => Math.sqrt(rate / most))),
  };
}

function bound({ labels }: Answer): number {
  return Number((labels.le ?? "").replace("+Inf", "Infinity"));
}

function secondsOf({ fromSeconds, toSeconds, stepSeconds }: View): number[] {
  return Array.from(
    { length: Math.floor((toSeconds - fromSeconds) / stepSeconds) + 1 },
    (_, index) => fromSeconds + index * stepSeconds,
  );
}

function valuesAt(seconds: readonly number[], { points }: Answer): (number | null)[] {
  const known = new Map(points.map(([second, value]) => [Math.round(second), value]));
  return seconds.map((second) => known.get(Math.round(second)) ?? null);
}
