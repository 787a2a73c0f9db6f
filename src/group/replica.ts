/**
 * The copy of a group that its standby has: what has changed since it was sent last.
 */

import type { Counts } from "./counts.ts";
import type { Difference, Differences } from "./differences.ts";
import type { GroupState, Member } from "./group-state.ts";
import { lasting } from "./metrics.ts";
import type { CopiedMember, Copy } from "./protocol.ts";

interface Sent {
  readonly counts: Counts;
  readonly differences: Differences;
}

export interface CopyAndNumbers {
  readonly copy: Copy;
  readonly numbers: readonly Float64Array[];
}

export class Replica {
  readonly #state: GroupState;
  readonly #lineage: string;
  readonly #ended: Differences;
  readonly #members = new Map<string, Sent>();
  #joined = 0;
  #rank = 0;

  constructor(state: GroupState, lineage: string) {
    this.#state = state;
    this.#lineage = lineage;
    this.#ended = state.differences();
  }

  /**
   * At first all there is.
   *
   * @param rank of the standby. @returns undefined where nothing has changed
   */
  take(rank: number): CopyAndNumbers | undefined {
    const { members, joined } = this.#state;
    const isComplete = this.#joined === 0;
    const isNews = this.#joined !== joined || this.#rank !== rank;
    this.#joined = joined;
    this.#rank = rank;
    return this.#copy([...members.values()], isComplete, isNews);
  }

  /** What has changed in one member, once the standby has a copy. */
  takeOf(id: string): CopyAndNumbers | undefined {
    const member = this.#state.members.get(id);
    return this.#joined === 0 || member === undefined ? undefined : this.#copy([member], false, false);
  }

  #copy(of: readonly Member[], isComplete: boolean, isNews: boolean): CopyAndNumbers | undefined {
    // those that are in the sums now: they may not be in both
    const forgotten = [...this.#members.keys()].filter((id) => !this.#state.members.has(id));
    for (const id of forgotten) this.#members.delete(id);
    const { counts: sums } = this.#state.ended;
    // label sets come with them, before the members that have them
    const ended = this.#ended.take(sums.countable, sums.metrics);
    const numbers = [ended.numbers];
    const members: CopiedMember[] = [];
    for (const { identity, worker, counts } of of) {
      const { difference, isNew } = this.#difference(identity.id, counts);
      if (!isNew && difference.isEmpty) continue;
      members.push({ identity, worker, isComplete: isNew, change: difference.change });
      numbers.push(difference.numbers);
    }
    if (!isNews && ended.isEmpty && members.length === 0 && forgotten.length === 0) return undefined;
    const copy: Copy = {
      type: "copy",
      isComplete,
      lineage: this.#lineage,
      rank: this.#rank,
      joined: this.#joined,
      ended: ended.change,
      members,
      forgotten,
    };
    return { copy, numbers };
  }

  #difference(id: string, counts: Counts): { readonly difference: Difference; readonly isNew: boolean } {
    const sent = this.#members.get(id);
    // another object: the member has told all anew
    const isNew = sent?.counts !== counts;
    const { differences } = isNew ? { differences: this.#state.differences() } : sent;
    if (isNew) this.#members.set(id, { counts, differences });
    return { difference: differences.take({ ...counts.countable, active: undefined }, lasting(counts.metrics)), isNew };
  }
}
