/** PromQL as text: strings, selectors, the label `le`. Metric names and labels come from view/red.ts. */
import { LABEL_SERVICE } from "../../../view/red.ts";
import type { GenerateOptions } from "../options.ts";

/** What a query, or the YAML around it, would not take as it is: control characters, invisible and unassigned ones. */
const ESCAPED = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * A string literal. PromQL's are Go's: https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals
 * A lone surrogate has no UTF-8: it becomes U+FFFD, as in the exposition.
 */
export function stringLiteral(text: string): string {
  const escaped = text
    .toWellFormed()
    .replace(/["\\]/g, "\\$&")
    .replace(ESCAPED, (character) => `\\U${character.codePointAt(0)?.toString(16).padStart(8, "0")}`);
  return `"${escaped}"`;
}

/** `{a="1",b=~"2.."}` of the matchers that there are; empty without any. */
export function selector(...matchers: readonly (string | undefined)[]): string {
  const given = matchers.filter((matcher) => matcher !== undefined);
  return given.length === 0 ? "" : `{${given.join(",")}}`;
}

/** `label="value"`, or undefined for every value. */
export function equals(label: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${label}=${stringLiteral(value)}`;
}

/** Matchers of the services that the rules are about. @param label that carries the service */
export function ofServices(label: string, { service, except }: GenerateOptions): string[] {
  if (service !== undefined) return [`${label}=${stringLiteral(service)}`];
  return except.map((name) => `${label}!=${stringLiteral(name)}`);
}

/** Series by their name, of the services that the rules are about. */
export type Read = (name: string) => string;

export function reading(options: GenerateOptions): Read {
  return (name) => `${name}${selector(...ofServices(LABEL_SERVICE, options))}`;
}

/**
 * The bucket that ends at this bound, in either spelling of it: as the service writes it (`1`), and as Prometheus 3
 * stores it (`1.0`, `1e-05`). https://prometheus.io/docs/prometheus/latest/migration/#le-and-quantile-label-values
 */
export function bucketMatcher(boundSeconds: number): string {
  const spellings = new Set([String(boundSeconds), openMetricsSpelling(boundSeconds)]);
  const regex = [...spellings].map((spelling) => spelling.replace(/[.+]/g, "\\$&")).join("|");
  return `le=~${stringLiteral(regex)}`;
}

/** As Go's FormatFloat(x, 'g', -1, 64) writes it, and with a `.0` where that looks like an integer. */
function openMetricsSpelling(value: number): string {
  const exponential = value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  if (value < 1e-4 || value >= 1e6) return exponential;
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** An expression inside another one. */
export function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}
