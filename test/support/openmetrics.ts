/**
 * A strict reader of OpenMetrics 1.0 text, written from the grammar and the rules of the specification: what a lenient
 * ingestor would forgive is an error here. Timestamps are refused: we write none.
 *
 * https://prometheus.io/docs/specs/om/open_metrics_spec/#abnf
 */

import type { Sample } from "./exposition.ts";
import { type Line, linesOf, number } from "./exposition-line.ts";

/** Suffixes of the sample names of each type. */
const SUFFIXES = {
  counter: ["_total", "_created"],
  gauge: [""],
  histogram: ["_bucket", "_count", "_sum", "_created"],
  info: ["_info"],
  unknown: [""],
} as const satisfies Readonly<Record<string, readonly string[]>>;
type OpenMetricsType = keyof typeof SUFFIXES;

interface OpenMetricsFamily {
  /** `unknown` where there is no TYPE line. */
  type: OpenMetricsType;
  /** Unescaped. */
  help?: string;
  unit?: string;
}

export interface OpenMetricsExposition {
  /** By family name, that of a counter without `_total`. */
  families: Map<string, OpenMetricsFamily>;
  samples: Sample[];
  /** In order of appearance. */
  exemplars: Exemplar[];
}

/** @throws ExpositionError with the number of the line that breaks a rule */
/** Behind a bucket: one of the measurements that it counts. */
export interface Exemplar {
  readonly of: Sample;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly atSeconds: number | undefined;
}

/** "The combined length of the label names and values of an Exemplar's LabelSet MUST NOT exceed 128 UTF-8 character code points." */
const MOST_EXEMPLAR_CHARACTERS = 128;

export function parseOpenMetrics(text: string): OpenMetricsExposition {
  const lines = linesOf(text);
  const reader = new Reader();
  for (const [index, line] of lines.entries()) {
    if (line.take(/# EOF$/y) === undefined) reader.read(line);
    else if (index < lines.length - 1) line.fail("something after # EOF");
    else return reader.end(line);
  }
  throw new Error("no # EOF at the end");
}

const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const ESCAPED_STRING = /[^"\\\n]*(?:\\[^\n][^"\\\n]*)*/y;
const REALNUMBER = /[+-]?(?:[0-9]+(?:\.[0-9]*)?|[0-9]*\.[0-9]+)(?:e[+-]?[0-9]+)?/iy;
const NOT_REAL = /[+-]?inf(?:inity)?|nan/iy;

interface Current {
  readonly name: string;
  readonly family: OpenMetricsFamily;
  hasSamples: boolean;
}

class Reader {
  readonly #families = new Map<string, OpenMetricsFamily>();
  readonly #samples: Sample[] = [];
  readonly #exemplars: Exemplar[] = [];
  readonly #seen = new Set<string>();
  /** Metrics of the current family: their labels without `le`. None may come again once another has come. */
  #metrics = new Set<string>();
  #metric: Metric | undefined;
  #current: Current | undefined;

  read(line: Line): void {
    if (line.peek("#")) this.#metadata(line);
    else this.#sample(line);
  }

  end(line: Line): OpenMetricsExposition {
    this.#metric?.end(line);
    const names = new Map<string, string>();
    for (const [name, { type }] of this.#families) {
      for (const suffix of SUFFIXES[type]) {
        const other = names.get(name + suffix);
        if (other !== undefined) line.fail(`${name + suffix} could be of ${other} or of ${name}`);
        names.set(name + suffix, name);
      }
    }
    return { families: this.#families, samples: this.#samples, exemplars: this.#exemplars };
  }

  #metadata(line: Line): void {
    const keyword = line.take(/# (TYPE|UNIT|HELP) /y) ?? line.fail("neither metadata nor a sample");
    const name = line.take(METRIC_NAME) ?? line.fail("no metric name");
    line.take(/ /y) ?? line.fail("no single blank after the metric name");
    const { family, hasSamples } = this.#enter(name, line);
    if (hasSamples) line.fail("metadata after the first sample");
    const rest = line.take(/[^\n]*/y) ?? "";
    if (keyword === "# TYPE ") {
      if (this.#families.get(name)?.type !== "unknown") line.fail("a second TYPE line");
      family.type = isType(rest) ? rest : line.fail(`unknown type ${rest}`);
    } else if (keyword === "# UNIT ") {
      if (family.unit !== undefined) line.fail("a second UNIT line");
      if (!name.endsWith(`_${rest}`)) line.fail(`${rest} is not the last part of ${name}`);
      family.unit = rest;
    } else {
      if (family.help !== undefined) line.fail("a second HELP line");
      family.help = unescaped(rest, line);
    }
  }

  #sample(line: Line): void {
    const name = line.take(METRIC_NAME) ?? line.fail("no metric name");
    const labels = readLabels(line);
    line.take(/ /y) ?? line.fail("no single blank before the value");
    const token = line.take(REALNUMBER) ?? line.take(NOT_REAL) ?? line.fail("the value is no number");
    const value = number(token) ?? line.fail("the value is beyond 64 bits");
    const sample: Sample = { name, labels, value };
    if (line.take(/ # /y) !== undefined) this.#exemplar(sample, line);
    if (!line.atEnd) line.fail("something after the value");

    const current = this.#enter(this.#familyOf(name, line), line);
    current.hasSamples = true;
    this.#enterMetric(current, sample, line);
    const identity = name + identityOf(labels);
    if (this.#seen.has(identity)) line.fail("a series that was there before");
    this.#seen.add(identity);
    this.#samples.push(sample);
  }

  #exemplar(of: Sample, line: Line): void {
    if (!of.name.endsWith("_bucket")) line.fail("an exemplar of something else than a bucket");
    const labels = readLabels(line);
    if ([...Object.entries(labels).flat().join("")].length > MOST_EXEMPLAR_CHARACTERS) line.fail("a long exemplar");
    line.take(/ /y) ?? line.fail("no single blank before the exemplar's value");
    const value = number(line.take(REALNUMBER) ?? "") ?? line.fail("the exemplar's value is no number");
    if (value > bound(of, line)) line.fail("the exemplar is none of its bucket");
    const atSeconds = line.take(/ /y) === undefined ? undefined : number(line.take(REALNUMBER) ?? "");
    this.#exemplars.push({ of, labels, value, atSeconds });
  }

  #familyOf(name: string, line: Line): string {
    for (const [family, { type }] of this.#families) {
      if (SUFFIXES[type].some((suffix) => name === family + suffix)) return family;
    }
    return line.fail("a sample of no family, or with a suffix that its type does not have");
  }

  #enter(name: string, line: Line): Current {
    if (this.#current?.name === name) return this.#current;
    this.#metric?.end(line);
    this.#metric = undefined;
    this.#metrics = new Set();
    if (this.#families.has(name)) line.fail(`${name} again, after other families`);
    const family: OpenMetricsFamily = { type: "unknown" };
    this.#families.set(name, family);
    this.#current = { name, family, hasSamples: false };
    return this.#current;
  }

  #enterMetric({ name, family }: Current, sample: Sample, line: Line): void {
    const { le: _, ...labels } = sample.labels;
    const identity = identityOf(family.type === "histogram" ? labels : sample.labels);
    if (this.#metric?.identity !== identity) {
      this.#metric?.end(line);
      if (this.#metrics.has(identity)) line.fail("the metrics of a family are interleaved");
      this.#metrics.add(identity);
      this.#metric = new Metric(name, family.type, identity);
    }
    this.#metric.add(sample, line);
  }
}

/** All samples of one family with the same labels. */
class Metric {
  readonly #family: string;
  readonly #type: OpenMetricsType;
  readonly identity: string;
  readonly #buckets: Sample[] = [];
  #count: number | undefined;
  #sum: number | undefined;

  constructor(family: string, type: OpenMetricsType, identity: string) {
    this.#family = family;
    this.#type = type;
    this.identity = identity;
  }

  add(sample: Sample, line: Line): void {
    const { name, labels, value } = sample;
    if (this.#type === "info" && value !== 1) line.fail("the value of an info is 1");
    if (this.#type === "counter" || this.#type === "histogram") {
      if (Number.isNaN(value) || value < 0) line.fail("a count or a sum is NaN or negative");
    }
    if (this.#type !== "histogram") return;
    const isBucket = name === `${this.#family}_bucket`;
    if (isBucket !== "le" in labels) line.fail("le belongs to buckets, and to nothing else");
    if (isBucket) this.#bucket(sample, line);
    if (name === `${this.#family}_count`) this.#count = value;
    if (name === `${this.#family}_sum`) this.#sum = value;
  }

  #bucket(sample: Sample, line: Line): void {
    if (!Number.isInteger(sample.value)) line.fail("a bucket counts whole events");
    const before = this.#buckets.at(-1);
    if (before !== undefined) {
      if (!(bound(sample, line) > bound(before, line))) line.fail("the bounds are no ascending numbers");
      if (sample.value < before.value) line.fail("the buckets are not cumulative");
    }
    this.#buckets.push(sample);
  }

  end(line: Line): void {
    if (this.#type !== "histogram") return;
    const last = this.#buckets.at(-1);
    if (last?.labels.le !== "+Inf") line.fail("the histogram before this line has no last bucket +Inf");
    if ((this.#sum === undefined) !== (this.#count === undefined)) line.fail("either _sum or _count is missing above");
    if (this.#count !== undefined && this.#count !== last?.value)
      line.fail("_count above differs from the bucket +Inf");
  }
}

function bound({ labels }: Sample, line: Line): number {
  return number(labels.le ?? "") ?? line.fail("the bound is no number");
}

function isType(text: string): text is OpenMetricsType {
  return Object.hasOwn(SUFFIXES, text);
}

function identityOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort());
}

function readLabels(line: Line): Record<string, string> {
  const labels = new Map<string, string>();
  if (line.take(/\{/y) === undefined || line.take(/\}/y) !== undefined) return {};
  do {
    const label = line.take(LABEL_NAME) ?? line.fail("no label name");
    if (label.startsWith("_")) line.fail(`${label}: names that begin with an underscore are reserved`);
    if (labels.has(label)) line.fail(`the label ${label} twice`);
    line.take(/="/y) ?? line.fail(`no quoted value after ${label}`);
    labels.set(label, unescaped(line.take(ESCAPED_STRING) ?? "", line));
    line.take(/"/y) ?? line.fail(`the value of ${label} does not end`);
  } while (line.take(/,/y) !== undefined);
  line.take(/\}/y) ?? line.fail("neither a comma nor a closing brace");
  return Object.fromEntries(labels);
}

const ESCAPES: Readonly<Record<string, string>> = { "\\\\": "\\", "\\n": "\n", '\\"': '"' };

/** "A single backslash SHOULD NOT be used for undefined escape sequences"; a bare quote is none of the characters. */
function unescaped(text: string, line: Line): string {
  if (!/^(?:[^"\\]|\\.)*$/s.test(text)) line.fail("a quote that is not escaped");
  return text.replace(/\\.?/gs, (sequence) => ESCAPES[sequence] ?? line.fail(`undefined escape ${sequence}`));
}
