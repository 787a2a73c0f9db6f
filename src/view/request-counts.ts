/**
 * How many requests a snapshot counts. Its histograms are the only counts of requests, so that no two families can disagree.
 *
 * A walker lets the event loop go on between the series. So the requests by source are added up along with those of the label
 * sets, as they are read in order. A pass of its own over 10,000 label sets would be the longest stall of a scrape.
 */
import type { LabelSet, PathSource } from "./label-sets.ts";
import { type RedSnapshot, requestCount } from "./snapshot.ts";

interface Tally {
  /** The label sets before this position are added up. */
  next: number;
  readonly bySource: Record<PathSource, number>;
}

const tallies = new WeakMap<RedSnapshot, Tally>();

/** One for each snapshot, whichever families are read. */
function tallyOf(red: RedSnapshot): Tally {
  let tally = tallies.get(red);
  if (tally === undefined) {
    tally = { next: 0, bySource: { template: 0, normalized: 0, unmatched: 0, other: 0 } };
    tallies.set(red, tally);
  }
  return tally;
}

/** Reads the requests of the label set at a position. */
export function requestsOfLabelSets(red: RedSnapshot): (index: number) => number {
  const tally = tallyOf(red);
  const { bySource } = tally;
  const { labelSets } = red;
  /** Hot path (per series of a scrape). */
  return (index) => {
    const count = requestCount(red, index);
    if (index === tally.next) {
      tally.next = index + 1;
      bySource[(labelSets[index] as LabelSet).source] += count;
    }
    return count;
  };
}

/** Requests whose path label comes from this source; those from `other` have found the budget spent. */
export function requestsFromSource(red: RedSnapshot, source: PathSource): number {
  const tally = tallyOf(red);
  const requestsAt = requestsOfLabelSets(red);
  while (tally.next < red.count) requestsAt(tally.next);
  return tally.bySource[source];
}
