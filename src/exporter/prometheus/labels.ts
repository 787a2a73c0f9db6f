/**
 * Attributes as Prometheus's labels.
 */
import type { Attributes } from "@opentelemetry/api";
import { LABEL_WORKER, WORKER_ATTRIBUTE } from "../../view/red.ts";
import { EXPORTED } from "./names.ts";

/**
 * `method="GET",path="/"`; empty without attributes.
 *
 * @param attributes their names are label names
 */
export function renderLabels(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}="${escapeLabelValue(valueText(value))}"`)
    .join(",");
}

const texts = new WeakMap<Attributes, string>();

/** As `renderLabels`, once for each attributes object, which is not to change. */
export function labelText(attributes: Attributes): string {
  let text = texts.get(attributes);
  if (text === undefined) {
    text = renderLabels(attributes);
    texts.set(attributes, text);
  }
  return text;
}

/** Labels that the exposition sets itself, beside those of a series: on buckets, and for the scope. */
export const LABEL_BUCKET = "le";
export const SCOPE_LABELS = {
  name: "otel_scope_name",
  version: "otel_scope_version",
  schemaUrl: "otel_scope_schema_url",
} as const;
const SET_BY_US = [LABEL_BUCKET, ...Object.values(SCOPE_LABELS)];

/**
 * Labels that name the target. Prometheus and its operator set them, and rules join on them. Under `honor_labels: true`
 * the same labels of a series would replace them.
 */
const SET_BY_THE_SCRAPE = ["job", "instance", "namespace", "cluster", "pod", "container", "node", "endpoint"];

const TAKEN: ReadonlySet<string> = new Set([...SET_BY_US, ...SET_BY_THE_SCRAPE, LABEL_WORKER]);

/**
 * Attributes under names that Prometheus accepts: `service.name` is `service_name`. Where that makes one name of two, the
 * values are joined, in the order of the original names.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-attributes
 */
export function toLabels(attributes: Attributes): Attributes {
  const labels = new Map<string, string>();
  for (const key of Object.keys(attributes).sort()) {
    const name = labelName(key);
    const value = valueText(attributes[key]);
    const before = labels.get(name);
    labels.set(name, before === undefined ? value : `${before};${value}`);
  }
  return Object.fromEntries(labels);
}

/** What begins with an underscore is reserved, by Prometheus (`__name__`) and by OpenMetrics. */
function labelName(attribute: string): string {
  if (attribute === WORKER_ATTRIBUTE) return LABEL_WORKER;
  const name = attribute.replace(/[^a-zA-Z0-9]+/gu, "_");
  // what Prometheus does itself with a label that is taken
  if (TAKEN.has(name)) return `${EXPORTED}${name}`;
  return /^[a-zA-Z]/.test(name) ? name : `key_${name.replace(/^_/, "")}`;
}

function valueText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** A lone surrogate has no UTF-8: it becomes U+FFFD, as it would on the wire. */
export function escapeHelp(text: string): string {
  return text.toWellFormed().replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

/** Also OpenMetrics's help. */
export function escapeLabelValue(value: string): string {
  return escapeHelp(value).replaceAll('"', '\\"');
}
