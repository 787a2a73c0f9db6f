/**
 * The RED families, from their snapshot, without data points in between. What a series is called is put together once and
 * kept; a scrape then only adds the numbers.
 */
import type { Attributes } from "@opentelemetry/api";
import { type Exemplar, type LabelSet, PATH_SOURCES, type PathSource } from "../../view/label-sets.ts";
import { FAMILIES, LABEL_SOURCE } from "../../view/red.ts";
import { bucketCount, type RedSnapshot, requestCount, stride } from "../../view/snapshot.ts";
import type { ExpositionFormat } from "./format.ts";
import { LABEL_BUCKET, labelText, renderLabels } from "./labels.ts";
import { head, sample, single } from "./lines.ts";
import { type Page, series } from "./page.ts";

export function* redFamilies(page: Page, red: RedSnapshot, format: ExpositionFormat): Generator<Uint8Array> {
  const { requests, errors, duration, active, aborted, parserErrors, excluded, overflow, pathSource, labelSets } =
    FAMILIES;
  const ofLabelSets = LabelTexts.of(red.labelSets);
  const ofOperations = LabelTexts.of(red.operations);
  const bySource: Record<PathSource, number> = { template: 0, normalized: 0, unmatched: 0, other: 0 };
  page.text(head(requests, "counter", format));
  yield* series(page, red.count, (index) => {
    const count = requestCount(red, index);
    bySource[(red.labelSets[index] as LabelSet).source] += count;
    writeSample(page, requests.name, ofLabelSets.at(index), count);
  });
  page.text(head(errors, "counter", format));
  yield* series(page, red.count, (index) => {
    if ((red.labelSets[index] as LabelSet).isError)
      writeSample(page, errors.name, ofLabelSets.at(index), requestCount(red, index));
  });
  page.text(head(duration, "histogram", format));
  const bounds = [...red.boundaries.map(String), "+Inf"].map((bound) => `,${LABEL_BUCKET}="${bound}"} `);
  yield* series(page, red.count, (index) => {
    const { exemplars } = red.labelSets[index] as LabelSet;
    const shown = format === "openmetrics" ? exemplars : NO_EXEMPLARS;
    writeHistogram(page, duration.name, ofLabelSets.at(index), red, index, bounds, shown);
  });
  page.text(head(active, "gauge", format));
  yield* series(page, red.active.length, (index) =>
    writeSample(page, active.name, ofOperations.at(index), red.active[index] as number),
  );
  page.text(head(aborted, "counter", format));
  yield* series(page, red.aborted.length, (index) => {
    const count = red.aborted[index] as number;
    if (count > 0) writeSample(page, aborted.name, ofOperations.at(index), count);
  });
  page.text(head(parserErrors, "counter", format));
  for (const { attributes, count } of red.parserErrors)
    page.text(sample(parserErrors.name, labelText(attributes), count));
  page.text(single(excluded, "counter", red.excluded, format));
  page.text(single(overflow, "counter", bySource.other, format));
  page.text(head(pathSource, "counter", format));
  for (const { source, attributes } of SOURCES)
    page.text(sample(pathSource.name, labelText(attributes), bySource[source]));
  page.text(single(labelSets, "gauge", red.spent, format));
}

/** Always these objects: what is rendered from them is kept with them. */
const SOURCES = PATH_SOURCES.map((source) => ({ source, attributes: Object.freeze({ [LABEL_SOURCE]: source }) }));

/** What has its attributes for good, in a list that only grows. */
type Labelled = readonly { readonly attributes: Attributes }[];

/**
 * The labels of label sets, or operations, as text. Kept with the list that they are in: a weak map with an entry for each of
 * them costs the collector more than they do.
 */
class LabelTexts {
  static readonly #known = new WeakMap<Labelled, LabelTexts>();

  static of(list: Labelled): LabelTexts {
    const texts = LabelTexts.#known.get(list) ?? new LabelTexts(list);
    LabelTexts.#known.set(list, texts);
    return texts;
  }

  readonly #list: Labelled;
  readonly #texts: (string | undefined)[] = [];

  private constructor(list: Labelled) {
    this.#list = list;
  }

  at(index: number): string {
    let text = this.#texts[index];
    if (text === undefined) {
      text = renderLabels((this.#list[index] as Labelled[number]).attributes);
      this.#texts[index] = text;
    }
    return text;
  }
}

function writeSample(page: Page, name: string, labels: string, value: number): void {
  page.ascii(name);
  page.ascii("{");
  page.text(labels);
  writeValue(page, value);
}

/** Behind the labels of a sample. */
function writeValue(page: Page, value: number): void {
  page.ascii("} ");
  page.number(value);
  page.ascii("\n");
}

/**
 * The hottest of a scrape: a dozen lines for each label set, which begin alike.
 *
 * @param bounds what ends the labels of each bucket
 */
function writeHistogram(
  page: Page,
  name: string,
  labels: string,
  red: RedSnapshot,
  index: number,
  bounds: readonly string[],
  exemplars: readonly (Exemplar | undefined)[],
): void {
  const values = index * stride(red.boundaries);
  const lineStart = page.length;
  page.ascii(name);
  page.ascii("_bucket{");
  const labelsStart = page.length;
  page.text(labels);
  const labelsEnd = page.length;
  let cumulated = 0;
  for (let bucket = 0; bucket < bounds.length; bucket++) {
    if (bucket > 0) page.repeat(lineStart, labelsEnd);
    page.ascii(bounds[bucket] as string);
    cumulated += red.values[values + bucket] as number;
    page.number(cumulated);
    const exemplar = exemplars[bucket];
    if (exemplar !== undefined) page.text(exemplarText(exemplar));
    page.ascii("\n");
  }
  page.ascii(name);
  page.ascii("_sum{");
  page.repeat(labelsStart, labelsEnd);
  writeValue(page, red.values[values + bucketCount(red.boundaries)] as number);
  page.ascii(name);
  page.ascii("_count{");
  page.repeat(labelsStart, labelsEnd);
  writeValue(page, cumulated);
}

/** The text format has none. */
const NO_EXEMPLARS: readonly undefined[] = [];

/** https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md#exemplars-1 */
function exemplarText({ traceId, spanId, value, atMs }: Exemplar): string {
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${value} ${atMs / 1000}`;
}
