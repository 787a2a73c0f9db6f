/** What is copied of the requests in flight, and how the values of a label set lie. */
import assert from "node:assert/strict";
import { LabelSets, type Operation } from "../../src/view/label-sets.ts";
import { redLabels } from "../../src/view/red.ts";
import { bucketCount, copyOperations, type RedSnapshot, requestCount, stride } from "../../src/view/snapshot.ts";

describe("copyOperations", () => {
  let labelSets: LabelSets;
  beforeEach(() => {
    labelSets = new LabelSets(100, redLabels("shop", "path"));
  });
  const inFlight = (paths: readonly string[]) => ({
    excluded: 7,
    forEachOperation(visit: (operation: Operation) => void) {
      for (const path of paths) visit(labelSets.operation(labelSets.template(path), 0));
    },
  });

  it("counts the requests of each operation, 0 where one is idle", () => {
    labelSets.labelSet(labelSets.template("/idle"), 0, 200);
    const { operations, active } = copyOperations(labelSets, inFlight(["/users", "/orders", "/users"]));
    const counts = operations.map((operation, index) => [operation.path.value, active[index]]);
    assert.deepEqual(Object.fromEntries(counts), { "/idle": 0, "/users": 2, "/orders": 1 });
  });

  it("takes in operations that nobody has seen before", () => {
    const { spent, active } = copyOperations(labelSets, inFlight(["/first"]));
    assert.deepEqual([spent, [...active]], [1, [1]]);
  });

  it("copies what was aborted, excluded and spent", () => {
    const { operation } = labelSets.labelSet(labelSets.template("/"), 0, 499);
    operation.aborted = 3;
    const copied = copyOperations(labelSets, inFlight([]));
    operation.aborted = 4;
    assert.deepEqual([[...copied.aborted], copied.excluded, copied.spent], [[3], 7, 1]);
  });

  it("nothing is there: nothing is copied", () => {
    const { active, aborted, spent } = copyOperations(labelSets, inFlight([]));
    assert.deepEqual([active.length, aborted.length, spent], [0, 0, 0]);
  });
});

describe("requestCount", () => {
  it("is the sum over the buckets, +Inf's included, of the one label set", () => {
    const boundaries = [1, 2];
    assert.deepEqual([bucketCount(boundaries), stride(boundaries)], [3, 4]);
    const snapshot = {
      boundaries,
      values: Float64Array.of(1, 0, 4, 99.5, 10, 20, 30, 77.25),
    } as unknown as RedSnapshot;
    assert.deepEqual([requestCount(snapshot, 0), requestCount(snapshot, 1)], [5, 60]);
  });
});
