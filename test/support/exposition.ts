/**
 * A strict reader of the Prometheus text exposition, version 0.0.4: tests compare parsed series, not substrings, and what
 * a lenient scraper would forgive is an error here.
 *
 * Grammar and conventions: https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details; where it
 * says "as required by the Go strconv package", the reading of Prometheus' own parser (no hexadecimal floats, no `_`).
 */
import { HistogramCheck } from "./exposition-histograms.ts";
import { int64, type Line, linesOf, number } from "./exposition-line.ts";

export { ExpositionError } from "./exposition-line.ts";

const TYPES = ["counter", "gauge", "histogram", "summary", "untyped"] as const;
export type MetricType = (typeof TYPES)[number];

export interface MetricFamily {
  /** Unescaped; empty where there is no HELP line. */
  help: string;
  /** `untyped` where there is no TYPE line. */
  type: MetricType;
  /** From OpenMetrics' `# UNIT`, which is a comment like any other to version 0.0.4. */
  unit?: string;
}

export interface Sample {
  /** As written: `x_bucket`, not `x`. */
  name: string;
  labels: Record<string, string>;
  value: number;
  /** Milliseconds since the epoch; absent where the line has none. */
  timestampMs?: number;
}

export interface Exposition {
  /** By family name, in order of appearance; families with HELP or TYPE but no sample are there too. */
  families: Map<string, MetricFamily>;
  /** In order of appearance. */
  samples: Sample[];
}

/**
 * Reads a whole exposition.
 *
 * @throws ExpositionError with the number of the line that the grammar or the conventions for histograms and summaries
 *   do not allow: also a repeated series, a family in two places, a histogram without `+Inf` or whose `_count` differs from it.
 */
export function parseExposition(text: string): Exposition {
  const reader = new Reader();
  for (const line of linesOf(text)) reader.read(line);
  reader.end();
  return { families: reader.families, samples: reader.samples };
}

/** The samples of that name which carry all of the given labels, whatever others they have. */
export function series(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Sample[] {
  const wanted = Object.entries(labels);
  return samples.filter(
    (sample) => sample.name === name && wanted.every(([label, value]) => sample.labels[label] === value),
  );
}

/** The sum over those samples; 0 where there are none. */
export function total(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number {
  return series(samples, name, labels).reduce((sum, sample) => sum + sample.value, 0);
}

const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
/** Everything up to the closing quote. Unrolled: the plain alternation takes exponential time where that quote is missing. */
const QUOTED = /"[^"\\]*(?:\\.[^"\\]*)*"/sy;
const TOKEN = /[^ \t]+/y;
const REST = /.*/sy;

const FAMILY_SUFFIXES = { histogram: ["_bucket", "_sum", "_count"], summary: ["_sum", "_count"] } as const;

class Reader {
  readonly families = new Map<string, MetricFamily>();
  readonly samples: Sample[] = [];
  readonly #seen = new Set<string>();
  readonly #described = { HELP: new Set<string>(), TYPE: new Set<string>() };
  #histograms = new HistogramCheck();
  #family: string | undefined;
  #familyHasSamples = false;

  read(line: Line): void {
    line.skipBlanks();
    if (line.atEnd) return;
    if (line.take(/#/y) === undefined) this.#sample(line);
    else this.#comment(line);
  }

  end(): void {
    this.#histograms.end();
  }

  #comment(line: Line): void {
    line.skipBlanks();
    const keyword = line.take(TOKEN);
    line.skipBlanks();
    if (keyword === "UNIT") this.#unit(line);
    if (keyword !== "HELP" && keyword !== "TYPE") return;
    const name = line.take(METRIC_NAME);
    if (name === undefined || !line.atBlankOrEnd) line.fail(`${keyword} without a valid metric name`);
    line.skipBlanks();
    const family = this.#enter(name, line);
    if (this.#familyHasSamples) line.fail(`${keyword} of ${name} after its first sample`);
    if (this.#described[keyword].has(name)) line.fail(`a second ${keyword} line for ${name}`);
    this.#described[keyword].add(name);
    const rest = (line.take(REST) ?? "").replace(/[ \t]+$/, "");
    if (keyword === "HELP") family.help = unescaped(rest, HELP_ESCAPES, line);
    else family.type = TYPES.find((type) => type === rest) ?? line.fail(`unknown type ${JSON.stringify(rest)}`);
  }

  #unit(line: Line): void {
    const [name, unit] = (line.take(REST) ?? "").split(/[ \t]+/);
    const family = this.families.get(name ?? "");
    if (family && unit) family.unit = unit;
  }

  #sample(line: Line): void {
    const name = line.take(METRIC_NAME) ?? line.fail("neither a comment nor a metric name");
    line.skipBlanks();
    const labels = readLabels(line);
    line.skipBlanks();
    const value = number(line.take(TOKEN) ?? "") ?? line.fail("the value is no float");
    const sample: Sample = { name, labels, value };
    line.skipBlanks();
    if (!line.atEnd)
      sample.timestampMs = int64(line.take(TOKEN) ?? "") ?? line.fail("the timestamp is no 64-bit integer");
    line.skipBlanks();
    if (!line.atEnd) line.fail("something after the timestamp");

    const familyName = this.#familyOf(name);
    const family = this.#enter(familyName, line);
    this.#familyHasSamples = true;
    const identity = `${name}${JSON.stringify(Object.entries(labels).sort())}`;
    if (this.#seen.has(identity)) line.fail("a series that was there before");
    this.#seen.add(identity);
    this.#histograms.add(familyName, family.type, sample, line);
    this.samples.push(sample);
  }

  /** `x_count` belongs to the histogram or summary `x`, if there is one and no metric of that very name. */
  #familyOf(name: string): string {
    if (this.families.has(name)) return name;
    for (const [type, suffixes] of Object.entries(FAMILY_SUFFIXES)) {
      for (const suffix of suffixes) {
        const base = name.slice(0, -suffix.length);
        if (name.endsWith(suffix) && this.families.get(base)?.type === type) return base;
      }
    }
    return name;
  }

  /** All lines of a metric come as one uninterrupted group. */
  #enter(name: string, line: Line): MetricFamily {
    let family = this.families.get(name);
    if (name !== this.#family) {
      if (family !== undefined) line.fail(`${name} again, after other metrics`);
      this.#histograms.end();
      this.#histograms = new HistogramCheck();
      this.#family = name;
      this.#familyHasSamples = false;
    }
    if (family === undefined) {
      family = { help: "", type: "untyped" };
      this.families.set(name, family);
    }
    return family;
  }
}

function readLabels(line: Line): Record<string, string> {
  const labels = new Map<string, string>();
  if (line.take(/\{/y) !== undefined) {
    do {
      line.skipBlanks();
      if (labels.size > 0 && line.peek("}")) break; // the comma after the last label
      const label = line.take(LABEL_NAME) ?? line.fail("a label name is missing");
      if (label === "__name__") line.fail("__name__ is reserved");
      if (labels.has(label)) line.fail(`the label ${label} twice`);
      line.skipBlanks();
      line.take(/=/y) ?? line.fail(`no "=" after the label ${label}`);
      line.skipBlanks();
      const quoted = line.take(QUOTED) ?? line.fail(`the value of the label ${label} is not quoted, or not to its end`);
      labels.set(label, unescaped(quoted.slice(1, -1), LABEL_ESCAPES, line));
      line.skipBlanks();
    } while (line.take(/,/y) !== undefined);
    line.take(/\}/y) ?? line.fail('neither "," nor "}" after a label');
  }
  return Object.fromEntries(labels);
}

const HELP_ESCAPES: Readonly<Record<string, string>> = { "\\\\": "\\", "\\n": "\n" };
const LABEL_ESCAPES: Readonly<Record<string, string>> = { ...HELP_ESCAPES, '\\"': '"' };

function unescaped(text: string, escapes: Readonly<Record<string, string>>, line: Line): string {
  return text.replace(/\\.?/gs, (sequence) => escapes[sequence] ?? line.fail(`unknown escape ${sequence}`));
}
