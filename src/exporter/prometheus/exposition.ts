/**
 * Metrics as Prometheus reads them: the text format 0.0.4 and OpenMetrics 1.0.
 */
import type { Attributes } from "@opentelemetry/api";
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { RED_FAMILIES } from "../../view/families.ts";
import { isRed } from "../../view/producer.ts";
import { FAMILIES } from "../../view/red.ts";
import { settledAttributes } from "../resource/resource.ts";
import type { ExpositionFormat } from "./format.ts";
import { collectFamilies, familyLines, type OnOtherwise } from "./instrument-families.ts";
import { labelText, toLabels } from "./labels.ts";
import { head, sample } from "./lines.ts";
import { sampleNames, withoutTotal } from "./names.ts";
import { Page } from "./page.ts";
import { redFamilies } from "./red-families.ts";

/** Not in the table of families: only the endpoint has scrapes. */
const SCRAPE_DURATION = { descriptor: FAMILIES.scrapeDuration, kind: "gauge" } as const;

/** What the instruments of others may not be called: a family is there once. */
const OWN_NAMES: ReadonlySet<string> = new Set([
  "target",
  "target_info",
  ...[...RED_FAMILIES, SCRAPE_DURATION].flatMap(({ descriptor: { name }, kind }) => [
    ...sampleNames(name, kind),
    ...(kind === "counter" ? withoutTotal(name) : []),
  ]),
]);

/**
 * Yields the exposition in UTF-8, some lines at a time, so that who takes them can let the event loop go on in between. Each
 * piece is good until the next one is asked for.
 *
 * @param elapsedSeconds since this scrape began, asked for at the end of it
 * @param onOtherwise takes what of the application's instruments is left out or renamed, and why
 */
export function* exposition(
  { resource, scopeMetrics }: ResourceMetrics,
  format: ExpositionFormat,
  elapsedSeconds: () => number,
  onOtherwise: OnOtherwise,
): Generator<Uint8Array> {
  const page = new Page();
  page.text(targetInfo(settledAttributes(resource), format));
  for (const scope of scopeMetrics) {
    if (isRed(scope)) yield* redFamilies(page, scope.red, format);
  }
  const others = scopeMetrics.filter((scope) => !isRed(scope));
  for (const family of collectFamilies(others, OWN_NAMES, onOtherwise))
    yield* familyLines(page, family, format, onOtherwise);
  const { descriptor, kind } = SCRAPE_DURATION;
  page.text(head(descriptor, kind, format) + sample(descriptor.name, "", elapsedSeconds()));
  if (format === "openmetrics") page.text("# EOF\n");
  yield page.take();
}

/** https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#resource-attributes-1 */
function targetInfo(attributes: Attributes, format: ExpositionFormat): string {
  const name = "target_info";
  const help = "Target metadata";
  const lines =
    format === "text"
      ? `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`
      : `# TYPE target info\n# HELP target ${help}\n`;
  return lines + sample(name, labelText(toLabels(attributes)), 1);
}
