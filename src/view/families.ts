/**
 * The table of RED families, and how the series of each are read from a snapshot. Every output format walks this table. A new
 * metric is one entry here, and its descriptor in red.ts.
 *
 * An entry reads labels and values by the position of a series. So a walker makes no object for a series unless its format
 * needs one.
 */
import type { Attributes } from "@opentelemetry/api";
import type { MetricDescriptor } from "@opentelemetry/sdk-metrics";
import { DurationHistograms } from "./duration-histograms.ts";
import { type LabelSet, PATH_SOURCES, type PathSource } from "./label-sets.ts";
import type { ParserErrorCount } from "./parser-errors.ts";
import { FAMILIES, LABEL_SOURCE } from "./red.ts";
import { requestsFromSource, requestsOfLabelSets } from "./request-counts.ts";
import type { RedSnapshot } from "./snapshot.ts";

/** An object with the labels of one series. It has the same attributes object each time. */
export interface Labelled {
  readonly attributes: Attributes;
}

/** A list of objects, for each of which a family has one series. */
interface SeriesSet {
  readonly size: (red: RedSnapshot) => number;
  /** By position. The list may go on beyond `size`. */
  readonly of: (red: RedSnapshot) => readonly Labelled[];
  /** Whether series appear over time. Under delta temporality such series are left out while they do not change. */
  readonly grows: boolean;
}

interface Family {
  readonly descriptor: MetricDescriptor;
  readonly series: SeriesSet;
  /** Reads the value of the series at a position; of a histogram its count. */
  readonly values: (red: RedSnapshot) => (index: number) => number;
  /** Whether the series at a position is shown. Default: all are. */
  readonly isShown?: (red: RedSnapshot, index: number) => boolean;
}

export interface NumberFamily extends Family {
  readonly kind: "counter" | "gauge";
}

export interface HistogramFamily extends Family {
  readonly kind: "histogram";
  /** Buckets, sum and exemplars of each series. */
  readonly histograms: (red: RedSnapshot) => DurationHistograms;
}

export type RedFamily = NumberFamily | HistogramFamily;

const BY_LABEL_SET: SeriesSet = { size: ({ count }) => count, of: ({ labelSets }) => labelSets, grows: true };
/** A method on a path. */
const BY_OPERATION: SeriesSet = {
  size: ({ active }) => active.length,
  of: ({ operations }) => operations,
  grows: true,
};
const BY_PARSER_ERROR: SeriesSet = {
  size: ({ parserErrors }) => parserErrors.length,
  of: ({ parserErrors }) => parserErrors,
  grows: true,
};
const BY_SOURCE = fixed(PATH_SOURCES.map((source) => ({ [LABEL_SOURCE]: source })));
const SINGLE = fixed([{}]);

function fixed(labels: readonly Attributes[]): SeriesSet {
  const series = labels.map((attributes) => ({ attributes: Object.freeze(attributes) }));
  return { size: () => series.length, of: () => series, grows: false };
}

/** In the order in which they are shown. */
export const RED_FAMILIES: readonly RedFamily[] = [
  { descriptor: FAMILIES.requests, kind: "counter", series: BY_LABEL_SET, values: requestsOfLabelSets },
  {
    descriptor: FAMILIES.errors,
    kind: "counter",
    series: BY_LABEL_SET,
    values: requestsOfLabelSets,
    isShown: ({ labelSets }, index) => (labelSets[index] as LabelSet).isError,
  },
  {
    descriptor: FAMILIES.duration,
    kind: "histogram",
    series: BY_LABEL_SET,
    values: requestsOfLabelSets,
    histograms: (red) => new DurationHistograms(red),
  },
  {
    descriptor: FAMILIES.active,
    kind: "gauge",
    series: BY_OPERATION,
    values:
      ({ active }) =>
      (index) =>
        active[index] as number,
  },
  {
    descriptor: FAMILIES.aborted,
    kind: "counter",
    series: BY_OPERATION,
    values:
      ({ aborted }) =>
      (index) =>
        aborted[index] as number,
    isShown: ({ aborted }, index) => (aborted[index] as number) > 0,
  },
  {
    descriptor: FAMILIES.parserErrors,
    kind: "counter",
    series: BY_PARSER_ERROR,
    values:
      ({ parserErrors }) =>
      (index) =>
        (parserErrors[index] as ParserErrorCount).count,
  },
  {
    descriptor: FAMILIES.excluded,
    kind: "counter",
    series: SINGLE,
    values:
      ({ excluded }) =>
      () =>
        excluded,
  },
  {
    descriptor: FAMILIES.overflow,
    kind: "counter",
    series: SINGLE,
    values: (red) => () => requestsFromSource(red, "other"),
  },
  {
    descriptor: FAMILIES.pathSource,
    kind: "counter",
    series: BY_SOURCE,
    values: (red) => (index) => requestsFromSource(red, PATH_SOURCES[index] as PathSource),
  },
  {
    descriptor: FAMILIES.labelSets,
    kind: "gauge",
    series: SINGLE,
    values:
      ({ spent }) =>
      () =>
        spent,
  },
];
