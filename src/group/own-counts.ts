/**
 * What this process or thread has counted itself, as changes since they were taken last.
 */
import type { ScopeMetrics } from "@opentelemetry/sdk-metrics";
import { LABEL_STATUS_CODE } from "../view/red.ts";
import { type RedSnapshot, stride } from "../view/snapshot.ts";
import { type Countable, type Difference, Differences } from "./differences.ts";
import { type Metric, metricsOf } from "./metrics.ts";

/** How the counts of this process are read. */
export interface OwnMetrics {
  /** With the requests in flight. */
  readonly takeSnapshot: () => RedSnapshot;
  /** Without. */
  readonly takeCounted: () => RedSnapshot;
  /** All metrics other than RED. Observable instruments are waited for so long, in milliseconds. */
  readonly collect: (timeoutMs: number) => Promise<readonly ScopeMetrics[]>;
  /** What of them is known at once. */
  readonly collectNow: () => readonly ScopeMetrics[];
  /** What of them is not observed, but recorded. */
  readonly collectRecorded: () => readonly ScopeMetrics[];
  /** Whether anything was recorded since the last call. */
  readonly takeRecorded: () => boolean;
}

/** What one receiver has been told. */
export class OwnCounts {
  readonly #own: OwnMetrics;
  readonly #differences: Differences;

  constructor(own: OwnMetrics, boundaries: readonly number[]) {
    this.#own = own;
    this.#differences = new Differences(stride(boundaries));
  }

  /** What was counted; requests in flight are not looked at, nor what is observed. */
  counted(): Difference {
    const red = this.#own.takeCounted();
    const recorded = this.#own.takeRecorded() ? metricsOf(this.#own.collectRecorded()) : NONE;
    return this.#differences.take({ ...countable(red), active: undefined }, recorded);
  }

  /** As `counted`, with requests in flight. */
  now(): Difference {
    return this.#differences.take(countable(this.#own.takeSnapshot()), metricsOf(this.#own.collectRecorded()));
  }

  /** All there is. What was recorded while the metrics were collected is newer than those. */
  with(collected: readonly ScopeMetrics[]): Difference {
    const metrics = metricsOf([...collected, ...this.#own.collectRecorded()]);
    return this.#differences.take(countable(this.#own.takeSnapshot()), metrics);
  }

  /** The last of this process: no promise is kept any more. */
  last(): Difference {
    const counts = { ...countable(this.#own.takeCounted()), active: [] };
    return this.#differences.take(counts, metricsOf(this.#own.collectNow()));
  }
}

const NONE: ReadonlyMap<string, Metric> = new Map();

function countable(red: RedSnapshot): Countable {
  const active: [number, number][] = [];
  for (let position = 0; position < red.active.length; position++) {
    const requests = red.active[position] as number;
    if (requests > 0) active.push([position, requests]);
  }
  return {
    operations: red.operations,
    operationCount: red.active.length,
    labelSets: red.labelSets,
    labelSetCount: red.count,
    values: red.values,
    aborted: red.aborted,
    active,
    excluded: red.excluded,
    parserErrors: red.parserErrors.map(({ attributes, count }) => [Number(attributes[LABEL_STATUS_CODE]), count]),
    startedAtMs: red.startedAtMs,
  };
}
