/**
 * The table of RED families in the text formats, from the snapshot, without data points in between.
 */
import { type HistogramFamily, type NumberFamily, RED_FAMILIES } from "../../view/families.ts";
import type { Exemplar } from "../../view/label-sets.ts";
import type { RedSnapshot } from "../../view/snapshot.ts";
import type { ExpositionFormat } from "./format.ts";
import { LabelTexts } from "./label-texts.ts";
import { LABEL_BUCKET } from "./labels.ts";
import { head } from "./lines.ts";
import { type Page, writeSeries } from "./page.ts";

export function* redFamilies(page: Page, red: RedSnapshot, format: ExpositionFormat): Generator<Uint8Array> {
  for (const family of RED_FAMILIES) {
    page.text(head(family.descriptor, family.kind, format));
    const write =
      family.kind === "histogram" ? histogramWriter(page, family, red, format) : numberWriter(page, family, red);
    yield* writeSeries(page, family.series.size(red), write);
  }
}

/** Writes the series at a position, if it is shown. */
type Write = (index: number) => void;

function numberWriter(page: Page, family: NumberFamily, red: RedSnapshot): Write {
  const {
    descriptor: { name },
    series,
    values,
    isShown,
  } = family;
  const labels = LabelTexts.of(series.of(red));
  const valueAt = values(red);
  // bytes: V8 keeps a string that is put together in pieces, and reads it slowly
  const start = Buffer.from(`${name}{`);
  /** Hot path (per series of a scrape). */
  return (index) => {
    if (isShown?.(red, index) === false) return;
    const text = labels.at(index);
    if (text === "") {
      page.ascii(name);
      page.ascii(" ");
    } else {
      page.bytes(start);
      page.text(text);
      page.ascii("} ");
    }
    page.number(valueAt(index));
    page.ascii("\n");
  };
}

function histogramWriter(page: Page, family: HistogramFamily, red: RedSnapshot, format: ExpositionFormat): Write {
  const {
    descriptor: { name },
    series,
    isShown,
  } = family;
  const labels = LabelTexts.of(series.of(red));
  const histograms = family.histograms(red);
  const bounds = [...histograms.boundaries.map(String), "+Inf"].map((bound) =>
    Buffer.from(`,${LABEL_BUCKET}="${bound}"} `),
  );
  const bucketStart = Buffer.from(`${name}_bucket{`);
  const sumStart = Buffer.from(`${name}_sum{`);
  const countStart = Buffer.from(`\n${name}_count{`);
  /** The hottest of a scrape: a dozen lines for each label set, which begin alike. */
  return (index) => {
    if (isShown?.(red, index) === false) return;
    const exemplars = format === "openmetrics" ? histograms.exemplars(index) : NO_EXEMPLARS;
    const lineStart = page.length;
    page.bytes(bucketStart);
    const labelsStart = page.length;
    page.text(labels.at(index));
    const labelsEnd = page.length;
    let cumulated = 0;
    for (let bucket = 0; bucket < bounds.length; bucket++) {
      if (bucket > 0) page.repeat(lineStart, labelsEnd);
      page.bytes(bounds[bucket] as Buffer);
      cumulated += histograms.inBucket(index, bucket);
      page.number(cumulated);
      const exemplar = exemplars[bucket];
      if (exemplar !== undefined) page.text(exemplarText(exemplar));
      page.ascii("\n");
    }
    page.bytes(sumStart);
    page.repeat(labelsStart, labelsEnd);
    page.ascii("} ");
    page.number(histograms.sum(index));
    page.bytes(countStart);
    page.repeat(labelsStart, labelsEnd);
    page.ascii("} ");
    page.number(cumulated);
    page.ascii("\n");
  };
}

/** The text format has none. */
const NO_EXEMPLARS: readonly undefined[] = [];

/** https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md#exemplars-1 */
function exemplarText({ traceId, spanId, value, atMs }: Exemplar): string {
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${value} ${atMs / 1000}`;
}
