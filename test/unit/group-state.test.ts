/** What is known of a group: numbers of workers, budget, ended members, changes that are none, copies. */
import assert from "node:assert/strict";
import { ValueType } from "@opentelemetry/api";
import { GroupState } from "../../src/group/group-state.ts";
import { mergeRed } from "../../src/group/merged-red.ts";
import type { Metric } from "../../src/group/metrics.ts";
import type { Change } from "../../src/group/protocol.ts";
import { Replica } from "../../src/group/replica.ts";
import { requestCount } from "../../src/view/snapshot.ts";
import { CountingMember, groupOptions, ONE_REQUEST } from "../support/group-member.ts";

/** No process has it. */
const NOT_RUNNING = 2 ** 22 + 1;

function counter(name: string, value: number): Metric {
  return {
    scope: { name: "app", version: "", schemaUrl: "" },
    descriptor: { name, description: "", unit: "", valueType: ValueType.INT },
    kind: "counter",
    boundaries: [],
    points: [{ key: "[]", value }],
  };
}

function join(state: GroupState, member: CountingMember, wanted?: number) {
  const joined = state.join(member.identity, wanted);
  const { change, numbers } = member.counts().now();
  state.apply(joined, true, change, numbers);
  return joined;
}

function requests(state: GroupState): Record<string, number> {
  const red = mergeRed(state, 0);
  return Object.fromEntries(
    red.labelSets
      .slice(0, red.count)
      .map(({ attributes }, index) => [String(attributes.path), requestCount(red, index)]),
  );
}

describe("GroupState", () => {
  let nowMs: number;
  let state: GroupState;
  beforeEach(() => {
    nowMs = 0;
    state = new GroupState(groupOptions({ nowMs: () => nowMs }));
  });

  describe("numbers", () => {
    it("are the lowest that are free, from 1; a primary has 0", () => {
      const numbers = ["a", "b", "c"].map((id) => join(state, new CountingMember(id)).worker);
      const primary = join(state, new CountingMember("primary", { isPrimary: true })).worker;
      assert.deepEqual([...numbers, primary], [1, 2, 3, 0]);
    });

    it("are used again when a member does not come back", () => {
      for (const id of ["a", "b", "c"]) join(state, new CountingMember(id));
      state.forget("b");
      assert.deepEqual(
        ["d", "e"].map((id) => join(state, new CountingMember(id)).worker),
        [2, 4],
      );
    });

    it("stay with a member that joins again", () => {
      for (const id of ["a", "b"]) join(state, new CountingMember(id));
      state.lose("a");
      assert.equal(join(state, new CountingMember("c")).worker, 3);
      assert.equal(join(state, new CountingMember("a"), 1).worker, 1);
    });

    it("of two primaries differ", () => {
      const worker = (id: string) => join(state, new CountingMember(id, { isPrimary: true })).worker;
      assert.deepEqual([worker("a"), worker("b")], [0, 1]);
    });
  });

  it("counts a member once that joins again", () => {
    const member = new CountingMember("a");
    member.request("/a");
    join(state, member);
    state.lose("a");
    assert.deepEqual(requests(state), { "/a": 1 });
    member.request("/a");
    join(state, member);
    assert.deepEqual([requests(state), state.joined], [{ "/a": 2 }, 1]);
  });

  it("keeps what a member has told until it has told all again", () => {
    const member = new CountingMember("a");
    member.request("/a");
    join(state, member);
    state.lose("a");
    state.join(member.identity);
    assert.deepEqual(requests(state), { "/a": 1 });
  });

  it("keeps the counts of members that have ended, also aborted, excluded and rejected requests", () => {
    const member = new CountingMember("a", { pid: NOT_RUNNING });
    member.request("/a", 200, 0.3);
    member.abort("/a");
    member.exclude();
    member.reject(400);
    join(state, member);
    state.lose("a");
    assert.deepEqual(state.forgetEnded(), ["a"]);
    const { aborted, excluded, parserErrors, values } = mergeRed(state, 0);
    assert.deepEqual(
      [requests(state), [...aborted], excluded, parserErrors[0]?.count, [...values]],
      [{ "/a": 1 }, [1], 1, 1, [0, 1, 0, Math.floor(0.3 * 2 ** 24) / 2 ** 24]],
    );
  });

  it("keeps the observable counters of a member that has told all again, until it is asked for them", () => {
    const seen = new Map([["app.seen", counter("app.seen", 7)]]);
    const member = state.join(new CountingMember("a").identity);
    const numbers = new Float64Array([1, 0, 0, 0]);
    state.apply(member, true, { ...ONE_REQUEST, metrics: [...seen] }, numbers);
    state.lose("a");
    state.join(member.identity);
    state.apply(member, true, { ...ONE_REQUEST, metrics: [["app.jobs", counter("app.jobs", 3)]] }, numbers);
    assert.deepEqual(
      [...member.counts.metrics].map(([key, { points }]) => [key, points[0]?.value]),
      [
        ["app.jobs", 3],
        ["app.seen", 7],
      ],
    );
  });

  it("shows the exemplar that has come last, as the clocks of members may differ", () => {
    const exemplar = (traceId: string, atMs: number): Change => ({
      ...ONE_REQUEST,
      exemplars: [[0, 1, traceId, "span", 0.5, atMs]],
    });
    for (const [id, change] of Object.entries({ a: exemplar("first", 5000), b: exemplar("second", 1000) }))
      state.apply(state.join(new CountingMember(id).identity), true, change, new Float64Array([1, 0, 0, 0]));
    assert.equal(state.sets.all[0]?.exemplars[1]?.traceId, "second");
  });

  it("does not forget a member whose process lives", () => {
    join(state, new CountingMember("a"));
    state.lose("a");
    assert.deepEqual(state.forgetEnded(), []);
  });

  it("tells fresh members from those that do not answer, or are about to come back", () => {
    const [a] = ["a", "b", "c"].map((id) => join(state, new CountingMember(id)));
    if (a !== undefined) a.isStuck = true;
    state.lose("b");
    assert.deepEqual(state.workers, { fresh: 1, stale: 2 });
    nowMs = 5000;
    assert.deepEqual(state.workers, { fresh: 1, stale: 1 });
  });

  it("has one budget for all members, and says once that it is spent", () => {
    let overflows = 0;
    state = new GroupState(groupOptions({ maxLabelSets: 20, onOverflow: () => overflows++ }));
    for (const id of ["a", "b"]) {
      const member = new CountingMember(id);
      for (let route = 0; route < 15; route++) member.request(`/${id}${route}`);
      join(state, member);
    }
    const counted = requests(state);
    assert.deepEqual([Object.keys(counted).length, counted.other, overflows], [20, 11, 1]);
  });

  // biome-ignore format: a table, one row a line
  for (const [what, change, numbers] of [
    ["values that are missing", {}, [1]],
    ["a negative count", {}, [-1, 0, 0, 0]],
    ["a count that is none", {}, [Number.NaN, 0, 0, 0]],
    ["a row that is not there", { rows: [1] }, [1, 0, 0, 0]],
    ["a row at no position", { rows: [0.5] }, [1, 0, 0, 0]],
    ["a path that is no text", { labelSets: [[7, "template", 0, 0, 200]] }, [1, 0, 0, 0]],
    ["a method that is none", { labelSets: [["/a", "template", 0, 99, 200]] }, [1, 0, 0, 0]],
    ["aborted requests of nobody", { aborted: [[1, 1]] }, [1, 0, 0, 0]],
    ["a metric that is none", { metrics: [["key", null]] }, [1, 0, 0, 0]],
    ["a metric without a scope", { metrics: [["key", { kind: "counter", points: [] }]] }, [1, 0, 0, 0]],
  ] as [string, object, number[]][])
    it(`refuses ${what}`, () => {
      const member = state.join(new CountingMember("a").identity);
      const broken = { ...ONE_REQUEST, ...change } as Change;
      assert.throws(() => state.apply(member, false, broken, new Float64Array(numbers)));
    });

  it("goes on with the counts, numbers and label sets of a group whose copy it is given", () => {
    const [a, b] = [new CountingMember("a", { pid: NOT_RUNNING }), new CountingMember("b")];
    a.request("/a");
    b.request("/b");
    for (const member of [a, b]) join(state, member);
    state.lose("a");
    state.forgetEnded();
    const copied = new Replica(state, "lineage").take(0);
    const copy = new GroupState(groupOptions());
    assert.ok(copied);
    copy.copy(copied.copy, new Float64Array(copied.numbers.flatMap((each) => [...each])));
    const newcomer = new GroupState(groupOptions({ nowMs: () => nowMs }));
    const c = new CountingMember("c");
    c.request("/c");
    join(newcomer, c);
    newcomer.adopt(copy);
    assert.deepEqual([requests(newcomer), newcomer.joined], [{ "/a": 1, "/b": 1, "/c": 1 }, 3]);
    b.request("/b");
    assert.equal(join(newcomer, b).worker, 2);
    assert.deepEqual(requests(newcomer), { "/a": 1, "/b": 2, "/c": 1 });
  });
});
