/**
 * A service that is told, minute by minute, what happens to it, and what its /metrics would show of that: series that are
 * born with their first request, and all gone after a restart.
 */
import { DEFAULT_OPTIONS } from "../../../src/cli/generate/options.ts";
import { FAMILIES, LABEL_METHOD, LABEL_SERVICE, LABEL_STATE, LABEL_STATUS_CODE } from "../../../src/view/red.ts";
import type { Sample } from "../exposition.ts";
import { NO_SCRAPE, NO_TARGET, type Scrape } from "./scrapes.ts";

export interface Requests {
  readonly count: number;
  /** Default: 200. */
  readonly status?: number;
  /** Default: `/orders/:id`. */
  readonly path?: string;
  /** Seconds that each of them takes. Default: 0.1. */
  readonly seconds?: number;
}

interface Workers {
  /** At the moment of the scrape. */
  readonly running: number;
  /** Within the minute. Default: 0. */
  readonly joined?: number;
}

export interface Minute {
  readonly requests?: readonly Requests[];
  /** At the moment of the scrape. Default: 0. */
  readonly inFlight?: number;
  /** Requests past the label budget; to be among `requests`, too. Default: 0. */
  readonly overflow?: number;
  /** Of a page that several processes share. Default: the process is alone, and its page says nothing of workers. */
  readonly workers?: Workers;
  /** The process was started anew before any of this happened. */
  readonly restarted?: boolean;
  /** Nothing answers the scrape. */
  readonly down?: boolean;
  /** Nobody scrapes it: it is no target any more. */
  readonly gone?: boolean;
  /** Prometheus is away: it neither scrapes nor knows what has ended. */
  readonly unseen?: boolean;
}

export interface Service {
  readonly name: string;
  /** RED_DURATION_BUCKETS. Default: ours. */
  readonly durationBuckets?: readonly number[];
  /** RED_PATH_LABEL. Default: ours. */
  readonly pathLabel?: string;
  /** Prometheus has made native histograms of the classic ones, which are gone. Default: false. */
  readonly convertedHistograms?: boolean;
  /** What the application shows beside it, at every scrape. Default: nothing. */
  readonly own?: readonly Sample[];
}

/** One scrape a minute. */
export function simulate(service: Service, minutes: readonly Minute[]): Scrape[] {
  let process = new Process(service);
  return minutes.map((minute) => {
    if (minute.restarted) process = new Process(service);
    process.live(minute);
    if (minute.gone) return NO_TARGET;
    if (minute.unseen) return NO_SCRAPE;
    return minute.down ? undefined : process.scrape(minute);
  });
}

interface LabelSet {
  readonly labels: Readonly<Record<string, string>>;
  readonly secondsOfEach: [count: number, seconds: number][];
}

class Process {
  readonly #service: Service;
  readonly #bounds: readonly number[];
  readonly #pathLabel: string;
  readonly #labelSets = new Map<string, LabelSet>();
  #overflow = 0;
  #workersJoined = 0;

  constructor(service: Service) {
    const { durationBuckets, pathLabel } = service;
    this.#service = service;
    this.#bounds = [...(durationBuckets ?? DEFAULT_OPTIONS.durationBuckets), Number.POSITIVE_INFINITY];
    this.#pathLabel = pathLabel ?? DEFAULT_OPTIONS.pathLabel;
  }

  live({ requests = [], overflow = 0, workers }: Minute): void {
    this.#overflow += overflow;
    this.#workersJoined += workers?.joined ?? 0;
    for (const { count, status = 200, path = "/orders/:id", seconds = 0.1 } of requests) {
      const key = `${status} ${path}`;
      const labels = { [LABEL_METHOD]: "GET", [LABEL_STATUS_CODE]: String(status), [this.#pathLabel]: path };
      const labelSet = this.#labelSets.get(key) ?? {
        labels: { ...labels, [LABEL_SERVICE]: this.#service.name },
        secondsOfEach: [],
      };
      this.#labelSets.set(key, labelSet);
      labelSet.secondsOfEach.push([count, seconds]);
    }
  }

  scrape({ inFlight = 0, workers }: Minute): Sample[] {
    return [
      { name: "target_info", labels: { service_name: this.#service.name }, value: 1 },
      { name: FAMILIES.labelSets.name, labels: {}, value: this.#labelSets.size },
      { name: FAMILIES.overflow.name, labels: {}, value: this.#overflow },
      { name: FAMILIES.active.name, labels: { [LABEL_SERVICE]: this.#service.name }, value: inFlight },
      ...(workers === undefined ? [] : this.#group(workers)),
      ...[...this.#labelSets.values()].flatMap((labelSet) => this.#series(labelSet)),
      ...(this.#service.own ?? []),
    ];
  }

  #group({ running }: Workers): Sample[] {
    return [
      { name: FAMILIES.workers.name, labels: { [LABEL_STATE]: "fresh" }, value: running },
      { name: FAMILIES.workers.name, labels: { [LABEL_STATE]: "stale" }, value: 0 },
      { name: FAMILIES.workersJoined.name, labels: {}, value: this.#workersJoined },
    ];
  }

  #series({ labels, secondsOfEach }: LabelSet): Sample[] {
    const upTo = (bound: number) =>
      secondsOfEach.reduce((sum, [count, seconds]) => sum + (seconds <= bound ? count : 0), 0);
    const all = upTo(Number.POSITIVE_INFINITY);
    const requests = { name: FAMILIES.requests.name, labels, value: all };
    if (this.#service.convertedHistograms) return [requests];
    return [
      requests,
      { name: `${FAMILIES.duration.name}_count`, labels, value: all },
      ...this.#bounds.map((bound) => ({
        name: `${FAMILIES.duration.name}_bucket`,
        labels: { ...labels, le: bound === Number.POSITIVE_INFINITY ? "+Inf" : String(bound) },
        value: upTo(bound),
      })),
    ];
  }
}
