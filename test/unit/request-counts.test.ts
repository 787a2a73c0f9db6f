/** Requests by where their path label comes from, in whatever order they are asked for. */
import assert from "node:assert/strict";
import { LabelSets, PATH_SOURCES } from "../../src/view/label-sets.ts";
import { redLabels } from "../../src/view/red.ts";
import { requestsFromSource, requestsOfLabelSets } from "../../src/view/request-counts.ts";
import type { RedSnapshot } from "../../src/view/snapshot.ts";

/** One request for each label set. */
function snapshotOf({ all }: LabelSets): RedSnapshot {
  const snapshot = { boundaries: [], labelSets: all, count: all.length, values: new Float64Array(all.length * 2) };
  for (let index = 0; index < all.length; index++) snapshot.values[index * 2] = 1;
  return snapshot as unknown as RedSnapshot;
}

function bySource(red: RedSnapshot): Record<string, number> {
  return Object.fromEntries(PATH_SOURCES.map((source) => [source, requestsFromSource(red, source)]));
}

describe("requests by source", () => {
  let labelSets: LabelSets;
  beforeEach(() => {
    labelSets = new LabelSets(20, redLabels("shop", "path"));
  });

  it("are counted by where the path of a request comes from, whatever its method and status", () => {
    for (const status of [200, 404]) {
      labelSets.labelSet(labelSets.template("/users/:id"), 0, status);
      labelSets.labelSet(labelSets.unmatched, 1, status);
    }
    for (let i = 0; i < 15; i++) labelSets.labelSet(labelSets.normalized(`/${i}`), 0, 200);
    assert.deepEqual(bySource(snapshotOf(labelSets)), { template: 2, normalized: 10, unmatched: 2, other: 1 });
  });

  it("stay where they were counted when a path turns out to be a route: a counter does not go down", () => {
    labelSets.labelSet(labelSets.normalized("/users"), 0, 200);
    labelSets.labelSet(labelSets.template("/users"), 0, 404);
    assert.deepEqual(bySource(snapshotOf(labelSets)), { template: 1, normalized: 1, unmatched: 0, other: 0 });
  });

  for (const { order, indexes } of [
    { order: "in order", indexes: [0, 1, 2] },
    { order: "in order, twice", indexes: [0, 1, 2, 0, 1, 2] },
    { order: "backwards", indexes: [2, 1, 0] },
    { order: "in part", indexes: [0, 2] },
    { order: "not at all", indexes: [] },
  ])
    it(`are the same when the label sets are read ${order}`, () => {
      labelSets.labelSet(labelSets.template("/users"), 0, 200);
      labelSets.labelSet(labelSets.template("/users"), 0, 404);
      labelSets.labelSet(labelSets.unmatched, 0, 404);
      const red = snapshotOf(labelSets);
      const requestsAt = requestsOfLabelSets(red);
      for (const index of indexes) assert.equal(requestsAt(index), 1);
      assert.deepEqual(bySource(red), { template: 2, normalized: 0, unmatched: 1, other: 0 });
    });
});
