/** What each panel about requests has to say, by the visitors' own books. */
import type { GenerateOptions } from "../../../src/cli/generate/options.ts";
import type { Clocks } from "../books/durations.ts";
import {
  aborted,
  type Bounds,
  type Entry,
  keyOf,
  plus,
  quantileBounds,
  requests,
  seconds,
  sumBy,
  within,
} from "./ledger.ts";

/** The answer to one query: values by the labels that it is grouped by. */
export interface Expected {
  readonly by: readonly string[];
  readonly values: ReadonlyMap<string, Bounds>;
}

export interface Watched {
  readonly clocks: Clocks;
  readonly entries: readonly Entry[];
  /** Those of `entries` that no scrape has seen from their beginning: what was there at the first one is missing. */
  readonly halfSeen: readonly Entry[];
  readonly options: GenerateOptions;
  /** Of `$__range`. */
  readonly rangeSeconds: number;
  /** Of `$__rate_interval`. */
  readonly rateSeconds: number;
}

const failed = ({ status }: Entry) => status >= 500;
const refused = ({ status }: Entry) => status >= 400 && status < 500;
const succeeded = ({ status }: Entry) => status < 400;
const waitedFor = ({ status }: Entry) => status < 400 || status >= 500 || status === 499;
const givenUp = ({ status }: Entry) => status === 499;

/** By the title of the panel: its targets in their order. */
export function expectations(watched: Watched): Record<string, readonly Expected[]> {
  const { clocks, entries, halfSeen, options, rangeSeconds, rateSeconds } = watched;
  const { pathLabel, durationBuckets, objectives } = options;
  const route = ["service", "method", pathLabel];
  const amounts = (
    by: readonly string[],
    amount: (entry: Entry) => Bounds,
    perSeconds: number,
    which: (entry: Entry) => boolean = () => true,
  ): Expected => ({
    by,
    values: new Map(
      [...sumBy(entries.filter(which), by, amount)].map(([key, [least, most]]) => [
        key,
        [least / perSeconds, most / perSeconds],
      ]),
    ),
  });
  const ratios = (
    by: readonly string[],
    part: (entry: Entry) => Bounds,
    inPart: (entry: Entry) => boolean,
    inWhole: (entry: Entry) => boolean = () => true,
  ): Expected => {
    const parts = sumBy(entries.filter(inPart), by, part);
    const wholes = sumBy(entries.filter(inWhole), by, requests);
    const values = [...wholes].map(([key, [leastWhole, mostWhole]]): [string, Bounds] => {
      const [least, most] = parts.get(key) ?? [0, 0];
      return [key, [least / mostWhole, Math.min(1, most / leastWhole)]];
    });
    return { by, values: new Map(values) };
  };
  const quantiles = (level: number, by: readonly string[], ...sets: readonly (readonly Entry[])[]): Expected => {
    const keys = new Set(entries.map(({ labels }) => keyOf(labels, by)));
    const values = [...keys].map((key): [string, Bounds] => {
      const bounds = sets
        .map((set) => set.filter(({ labels }) => keyOf(labels, by) === key))
        .filter((set) => set.length > 0)
        .map((set) => quantileBounds(clocks, level, set, durationBuckets));
      return [key, [Math.min(...bounds.map(([least]) => least)), Math.max(...bounds.map(([, most]) => most))]];
    });
    return { by, values: new Map(values) };
  };
  const satisfaction = () => {
    const [half] = durationBuckets
      .filter((bound) => bound > objectives.latencySeconds)
      .sort((a, b) => Math.abs(a - 4 * objectives.latencySeconds) - Math.abs(b - 4 * objectives.latencySeconds));
    const apdex = (entry: Entry): Bounds => {
      const [least, most] = plus(
        within(clocks, objectives.latencySeconds)(entry),
        within(clocks, half as number)(entry),
      );
      return [least / 2, most / 2];
    };
    return ratios([], apdex, succeeded, waitedFor);
  };
  const levels = [0.5, 0.95, 0.99];
  return {
    Rate: [amounts([], requests, rangeSeconds)],
    "Error ratio": [ratios([], requests, failed)],
    Duration: levels.map((level) => quantiles(level, [], entries)),
    [`Within ${objectives.latencySeconds} s`]: [
      ratios([], within(clocks, objectives.latencySeconds), succeeded, succeeded),
    ],
    Satisfaction: [satisfaction()],
    "Rate by service": [amounts(["service"], requests, rateSeconds)],
    "Error ratio over time": [ratios([], requests, failed), ratios([], requests, refused)],
    "Duration over time": levels.map((level) => quantiles(level, [], entries, halfSeen)),
    "Satisfaction over time": [satisfaction()],
    Routes: [
      amounts(route, requests, rangeSeconds),
      ratios(route, requests, failed),
      ratios(route, requests, refused),
      quantiles(0.5, route, entries),
      quantiles(0.95, route, entries),
      amounts(route, aborted, 1, ({ first, second }) => first.aborted + second.aborted > 0),
    ],
    "Requests by duration": [
      {
        by: ["le"],
        values: new Map(
          [...durationBuckets, Number.POSITIVE_INFINITY].map((bound): [string, Bounds] => [
            String(bound).replace("Infinity", "+Inf"),
            [
              total(halfSeen, within(clocks, bound))[0] / rateSeconds,
              total(entries, within(clocks, bound))[1] / rateSeconds,
            ],
          ]),
        ),
      },
    ],
    "Rate by status code": [amounts(["status_code"], requests, rateSeconds)],
    "Requests by status code": [amounts(["status_code"], requests, 1)],
    "5xx by route": [amounts([...route, "status_code"], requests, rateSeconds, failed)],
    "4xx by route": [amounts([...route, "status_code"], requests, rateSeconds, refused)],
    "All errors by service": [amounts(["service"], requests, rateSeconds, (entry) => failed(entry) || refused(entry))],
    "Aborted by route": [
      amounts(route, aborted, rateSeconds, ({ first, second }) => first.aborted + second.aborted > 0),
    ],
    "Given up before an answer": [amounts(route, requests, rateSeconds, givenUp)],
    Slowest: [quantiles(0.95, route, entries)],
    Busiest: [amounts(route, requests, rangeSeconds)],
    "Where the time goes": [amounts(route, seconds(clocks), rangeSeconds)],
  };
}

function total(entries: readonly Entry[], amount: (entry: Entry) => Bounds): Bounds {
  return entries.reduce((sum, entry) => plus(sum, amount(entry)), [0, 0] as Bounds);
}
