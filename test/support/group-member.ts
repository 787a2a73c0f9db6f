/**
 * A member of a group without a process of its own: it counts with the same label sets and aggregator as a server, and its
 * messages go through the wire format.
 */
import type { GroupOptions } from "../../src/group/group-state.ts";
import { OwnCounts, type OwnMetrics } from "../../src/group/own-counts.ts";
import { type Change, encode, Frames, type Identity } from "../../src/group/protocol.ts";
import { Aggregator } from "../../src/view/aggregator.ts";
import { Changes } from "../../src/view/changes.ts";
import { LabelSets } from "../../src/view/label-sets.ts";
import { methodIndex } from "../../src/view/methods.ts";
import { redLabels, redView } from "../../src/view/red.ts";

export const BOUNDARIES = [0.1, 1];
const MAX_LABEL_SETS = 100;
const SETTINGS = { service: "shop", pathLabel: "path", durationBuckets: BOUNDARIES, maxLabelSets: MAX_LABEL_SETS };

export function groupOptions(options: Partial<GroupOptions> = {}): GroupOptions {
  return {
    boundaries: BOUNDARIES,
    maxLabelSets: MAX_LABEL_SETS,
    labels: redLabels("shop", "path"),
    nowMs: () => performance.now(),
    onOverflow: () => {},
    ...options,
  };
}

/** A member has answered one request; its values come with the message. */
export const ONE_REQUEST: Change = {
  operations: [["/a", "template", 0, 0]],
  labelSets: [["/a", "template", 0, 0, 200]],
  templates: [],
  rows: [0],
  aborted: [],
  excluded: 0,
  parserErrors: [],
  exemplars: [],
  startedAtMs: 1,
  metrics: [],
};

export interface SentChange {
  readonly change: Change;
  readonly numbers: Float64Array;
}

/** As it arrives at the other end. */
export function overTheWire(change: Change, numbers: Float64Array): SentChange {
  const frame = encode({ type: "counted", isComplete: true, change }, [numbers]);
  const [received] = [...new Frames().take(frame)];
  if (received?.message.type !== "counted") throw new Error("nothing has arrived");
  return { change: received.message.change, numbers: received.numbers };
}

export class CountingMember {
  readonly identity: Identity;
  readonly changes = new Changes();
  readonly #view = redView(SETTINGS);
  readonly #sets = new LabelSets(MAX_LABEL_SETS, redLabels("shop", "path"), undefined, this.changes);
  readonly #aggregator = new Aggregator(this.#view, this.#sets, 1000);
  #excluded = 0;

  constructor(id: string, identity: Partial<Identity> = {}) {
    this.identity = { id, pid: process.pid, thread: 0, isPrimary: false, ...identity };
  }

  request(path: string, status = 200, durationSeconds = 0.05): void {
    const labelSet = this.#sets.labelSet(this.#sets.template(path), methodIndex("GET"), status);
    this.#aggregator.record(labelSet, durationSeconds);
    this.changes.mark();
  }

  abort(path: string): void {
    this.#sets.operation(this.#sets.template(path), methodIndex("GET")).aborted++;
    this.changes.mark();
  }

  exclude(): void {
    this.#excluded++;
    this.changes.mark();
  }

  reject(status: number): void {
    this.#sets.parserErrors.add(status);
  }

  get own(): OwnMetrics {
    const takeSnapshot = () =>
      this.#aggregator.snapshot({ forEachOperation() {}, excluded: this.#excluded }, Date.now());
    return {
      takeSnapshot,
      takeCounted: takeSnapshot,
      collect: async () => [],
      collectNow: () => [],
      collectRecorded: () => [],
      takeRecorded: () => false,
    };
  }

  /** What one receiver has been told of it. */
  counts(): OwnCounts {
    return new OwnCounts(this.own, BOUNDARIES);
  }
}
