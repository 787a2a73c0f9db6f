/**
 * All that is known of a group: its members, what each has counted, and the sums of those that have ended. The serving
 * process has one, and so has its standby.
 *
 * Nothing in here goes down while the group lives: counts are totals by member, and an ended member's go into the sums.
 */
import type { IAttributesProcessor } from "@opentelemetry/sdk-metrics";
import { LabelSets } from "../view/label-sets.ts";
import { stride } from "../view/snapshot.ts";
import { Counts } from "./counts.ts";
import { Differences } from "./differences.ts";
import { EndedCounts } from "./ended-counts.ts";
import { MergedMetrics } from "./merged-metrics.ts";
import type { Change, Copy, Identity } from "./protocol.ts";

export interface Member {
  readonly identity: Identity;
  readonly worker: number;
  counts: Counts;
  /** Whether it is connected to the serving process, or is that process. */
  isHere: boolean;
  /** Whether it does not answer. What is shown of it is what was known last. */
  isStuck: boolean;
  /** When it went away; milliseconds of the monotonic clock. */
  lostAtMs: number;
}

export interface GroupOptions {
  /** Upper bounds in seconds, ascending, without +Inf. */
  readonly boundaries: readonly number[];
  /** Most label sets of the whole group, RED_MAX_LABEL_SETS. */
  readonly maxLabelSets: number;
  /** Maps OpenTelemetry's attributes to the RED labels. */
  readonly labels: IAttributesProcessor;
  /** Milliseconds of a monotonic clock. */
  readonly nowMs: () => number;
  readonly onOverflow: () => void;
}

/** For so long, in milliseconds, the number of a lost member is not given to another, and it counts as stale. */
const COMES_BACK_WITHIN_MS = 5000;
/** Lost members whose process lives: threads that have ended. More of them are not expected back. */
const MOST_LOST = 64;

export class GroupState {
  readonly options: GroupOptions;
  readonly sets: LabelSets;
  readonly ended: EndedCounts;
  readonly mergedMetrics = new MergedMetrics();
  /** By id, in the order in which they joined. */
  readonly members = new Map<string, Member>();
  /** Members so far, the first one included. */
  joined = 0;

  constructor(options: GroupOptions) {
    this.options = options;
    this.sets = new LabelSets(options.maxLabelSets, options.labels, options.onOverflow);
    this.ended = new EndedCounts(stride(options.boundaries), this.sets, this.mergedMetrics);
  }

  get stride(): number {
    return stride(this.options.boundaries);
  }

  /** What has changed in counts that nobody has been sent yet. */
  differences(): Differences {
    return new Differences(this.stride);
  }

  /** A member that joins, or joins again. What was known of it stays until it has told all. */
  join(identity: Identity, wanted?: number): Member {
    const known = this.members.get(identity.id);
    if (known !== undefined) {
      known.isHere = true;
      known.isStuck = false;
      return known;
    }
    this.joined++;
    return this.#add(identity, this.#number(identity, wanted), new Counts(this.stride));
  }

  /** @throws where the change is none */
  apply(member: Member, isComplete: boolean, change: Change, numbers: Float64Array): void {
    const counts = isComplete ? new Counts(this.stride) : member.counts;
    counts.apply(change, numbers, this.sets);
    // what has to be observed comes with the answer to the next scrape
    for (const [key, metric] of member.counts.metrics) if (!counts.metrics.has(key)) counts.metrics.set(key, metric);
    member.counts = counts;
  }

  /** A member has gone, perhaps to come back. What it has counted stays. */
  lose(id: string): void {
    const member = this.members.get(id);
    if (member === undefined) return;
    member.isHere = false;
    member.lostAtMs = this.options.nowMs();
  }

  /** A member does not come back: its counts go into the sums. */
  forget(id: string): void {
    const member = this.members.get(id);
    if (member === undefined) return;
    this.ended.add(member.counts);
    this.members.delete(id);
  }

  /** Forgets the members that have gone and whose process has ended. @returns their ids */
  forgetEnded(): string[] {
    const lost = [...this.members.values()].filter(({ isHere }) => !isHere);
    const ended = lost.filter(({ identity }, index) => index < lost.length - MOST_LOST || !isRunning(identity.pid));
    for (const { identity } of ended) this.forget(identity.id);
    return ended.map(({ identity }) => identity.id);
  }

  /** Members that answer, and those that do not, or are about to come back. */
  get workers(): { readonly fresh: number; readonly stale: number } {
    let fresh = 0;
    let stale = 0;
    const nowMs = this.options.nowMs();
    for (const { isHere, isStuck, lostAtMs } of this.members.values()) {
      if (isHere && !isStuck) fresh++;
      else if (isHere || nowMs - lostAtMs < COMES_BACK_WITHIN_MS) stale++;
    }
    return { fresh, stale };
  }

  /** From a standby: takes what it knows and we do not. @throws where it is no copy */
  adopt(copy: GroupState): void {
    this.ended.addAll(copy.ended);
    this.joined += copy.joined;
    for (const { identity, worker, counts } of copy.members.values()) {
      const known = this.members.get(identity.id);
      if (known !== undefined) this.joined--;
      if (known !== undefined && !known.counts.isEmpty) continue;
      const member = known ?? this.#add(identity, this.#number(identity, worker), new Counts(this.stride));
      member.counts.takeAll(counts, this.sets);
      if (known === undefined) this.lose(identity.id);
    }
  }

  /** As the standby: takes what the serving process tells. @throws where it is no copy */
  copy({ ended, members, forgotten, joined }: Copy, numbers: Float64Array): void {
    let at = 0;
    const take = (rows: number) => {
      const taken = numbers.subarray(at, at + rows * this.stride);
      at += taken.length;
      return taken;
    };
    this.ended.apply(ended, take(ended.rows.length));
    for (const { identity, worker, isComplete, change } of members) {
      const known = this.members.get(identity.id) ?? this.#add(identity, worker, new Counts(this.stride));
      this.apply(known, isComplete, change, take(change.rows.length));
    }
    for (const id of forgotten) this.members.delete(id);
    this.joined = joined;
  }

  #add(identity: Identity, worker: number, counts: Counts): Member {
    const member: Member = { identity, worker, counts, isHere: true, isStuck: false, lostAtMs: 0 };
    this.members.set(identity.id, member);
    return member;
  }

  /** The lowest that is free, from 1; 0 is a primary that serves no traffic. During a deployment there may be two of these. */
  #number({ isPrimary }: Identity, wanted?: number): number {
    const nowMs = this.options.nowMs();
    const taken = new Set<number>();
    for (const { worker, isHere, lostAtMs } of this.members.values()) {
      if (isHere || nowMs - lostAtMs < COMES_BACK_WITHIN_MS) taken.add(worker);
    }
    if (isNumber(wanted) && !taken.has(wanted)) return wanted;
    let number = isPrimary ? 0 : 1;
    while (taken.has(number)) number++;
    return number;
  }
}

function isNumber(wanted: unknown): wanted is number {
  return Number.isInteger(wanted) && (wanted as number) >= 0;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
