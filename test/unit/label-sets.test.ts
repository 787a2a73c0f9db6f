/** The budget: who may spend what, and that nothing gets past it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type LabelPath, type LabelSet, LabelSets, type Operation } from "../../src/view/label-sets.ts";
import { METHODS, methodIndex } from "../../src/view/methods.ts";
import { redLabels } from "../../src/view/red.ts";

const LABELS = redLabels("shop", "path");
const GET = methodIndex("GET");
const POST = methodIndex("POST");

/** What is kept for `other` and `unmatched`. */
function reserve(limit: number): number {
  return Math.min(50, Math.ceil(limit / 20));
}

function isOwn(path: LabelPath): boolean {
  return path.source !== "other" && path.source !== "unmatched";
}

/** Label sets, and operations that have none, outside `other` and `unmatched`. */
function ownSpent(labelSets: LabelSets): number {
  const operations = labelSets.operations.filter((operation) => isOwn(operation.path));
  return operations.reduce((sum, operation) => sum + Math.max(1, operation.labelSets.length), 0);
}

/** Fills the share of the raw paths. */
function flood(labelSets: LabelSets, count: number): void {
  for (let i = 0; i < count; i++) labelSets.labelSet(labelSets.normalized(`/scan/${i}`), GET, 404);
}

const step = fc.record({
  ends: fc.boolean(),
  from: fc.constantFrom("template" as const, "normalized" as const, "unmatched" as const),
  name: fc.nat(60),
  methodIndex: fc.nat(METHODS.length - 1),
  statusCode: fc.constantFrom(200, 201, 404, 499, 500),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function take(labelSets: LabelSets, { ends, from, name, methodIndex, statusCode }: Step): LabelSet | Operation {
  // templates and raw paths of the same names: one may turn out to be the other
  const path = from === "unmatched" ? labelSets.unmatched : labelSets[from](`/${name}`);
  return ends ? labelSets.labelSet(path, methodIndex, statusCode) : labelSets.operation(path, methodIndex);
}

describe("LabelSets", () => {
  it("holds the budget, whatever comes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.array(step, { maxLength: 400, size: "max" }), (limit, steps) => {
        const labelSets = new LabelSets(limit, LABELS);
        let spent = 0;
        for (const step of steps) {
          take(labelSets, step);
          assert.ok(labelSets.spent >= spent, "what was seen keeps its operation");
          spent = labelSets.spent;
        }
        assert.ok(ownSpent(labelSets) <= limit - reserve(limit));
        const others = labelSets.operations.filter((operation) => !isOwn(operation.path));
        const boundedSpent = others.reduce((sum, operation) => sum + Math.max(1, operation.labelSets.length), 0);
        assert.equal(spent, ownSpent(labelSets) + boundedSpent, "spent is what is there");
        const raw = labelSets.operations.filter((operation) => operation.path.source === "normalized");
        const rawSpent = raw.reduce((sum, operation) => sum + Math.max(1, operation.labelSets.length), 0);
        assert.ok(rawSpent <= Math.floor(limit / 2), "raw paths have half of it at most");
      }),
    );
  });

  it("gives a request the label set of its method and status, and of its path or `other`", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.array(step, { maxLength: 400, size: "max" }), (limit, steps) => {
        const labelSets = new LabelSets(limit, LABELS);
        for (const step of steps) {
          const taken = take(labelSets, step);
          const { method, status_code, path, service } = taken.attributes;
          assert.equal(method, METHODS[step.methodIndex]);
          assert.equal(service, "shop");
          assert.equal(status_code, step.ends ? String(step.statusCode) : undefined);
          assert.ok(path === "other" || path === (step.from === "unmatched" ? "unmatched" : `/${step.name}`));
        }
      }),
    );
  });

  it("gives the same request the same object, for good", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.array(step, { maxLength: 300, size: "max" }), (limit, steps) => {
        const labelSets = new LabelSets(limit, LABELS);
        const objects = new Map<string, LabelSet | Operation>();
        for (const step of steps) {
          const taken = take(labelSets, step);
          const known = objects.get(JSON.stringify(taken.attributes));
          if (known !== undefined) assert.equal(taken, known);
          objects.set(JSON.stringify(taken.attributes), taken);
          assert.ok(Object.isFrozen(taken.attributes));
        }
        for (const [index, labelSet] of labelSets.all.entries()) assert.equal(labelSet.index, index);
        for (const [index, operation] of labelSets.operations.entries()) assert.equal(operation.index, index);
      }),
    );
  });

  it("keeps what it has once given, also when the budget is spent", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.array(step, { maxLength: 300, size: "max" }), (limit, steps) => {
        const labelSets = new LabelSets(limit, LABELS);
        const taken = steps.map((step) => [step, take(labelSets, step)] as const);
        for (const [step, own] of taken) {
          const again = take(labelSets, step);
          if (own.attributes.path !== "other") assert.equal(again, own);
        }
      }),
    );
  });

  describe("after a flood of raw paths", () => {
    let labelSets: LabelSets;
    let overflows: number;
    beforeEach(() => {
      overflows = 0;
      labelSets = new LabelSets(100, LABELS, () => overflows++);
      flood(labelSets, 1000);
    });

    it("half of the budget is theirs, the rest is in `other`, and that is said once", () => {
      assert.equal(ownSpent(labelSets), 50);
      assert.equal(overflows, 1);
      assert.equal(labelSets.normalized("/scan/unheard-of"), labelSets.other);
    });

    it("templates get in, up to the reserve", () => {
      const paths = Array.from({ length: 60 }, (_, i) => {
        return labelSets.labelSet(labelSets.template(`/routes/${i}`), GET, 200).attributes.path;
      });
      assert.deepEqual(
        paths.slice(0, 45),
        Array.from({ length: 45 }, (_, i) => `/routes/${i}`),
      );
      assert.deepEqual(new Set(paths.slice(45)), new Set(["other"]));
    });

    it("so do further methods and status codes of a template", () => {
      const path = labelSets.template("/routes");
      for (const [method, status] of [
        [GET, 200],
        [GET, 500],
        [POST, 201],
      ] as const) {
        assert.equal(labelSets.labelSet(path, method, status).operation.path, path);
      }
    });

    it("but not of a raw path", () => {
      const path = labelSets.normalized("/scan/0");
      assert.equal(labelSets.labelSet(path, GET, 404).operation.path, path);
      assert.equal(labelSets.labelSet(path, GET, 200).operation.path, labelSets.other);
      assert.equal(labelSets.labelSet(path, POST, 404).operation.path, labelSets.other);
    });

    it("a raw path that turns out to be a route is one from then on, and its share is free again", () => {
      const path = labelSets.template("/scan/0");
      assert.equal(labelSets.labelSet(path, GET, 500).attributes.path, "/scan/0");
      assert.equal(labelSets.labelSet(path, POST, 201).attributes.path, "/scan/0");
      assert.equal(labelSets.labelSet(labelSets.normalized("/late"), GET, 404).attributes.path, "/late");
      assert.equal(labelSets.normalized("/later"), labelSets.other);
    });

    it("`unmatched` and `other` have all their methods and status codes, also when the routes have spent the rest", () => {
      for (let i = 0; i < 100; i++) labelSets.labelSet(labelSets.template(`/routes/${i}`), GET, 200);
      for (const path of [labelSets.unmatched, labelSets.other]) {
        for (const statusCode of [200, 404, 500]) {
          const { attributes, operation } = labelSets.labelSet(path, POST, statusCode);
          assert.deepEqual([operation.path, attributes.status_code], [path, String(statusCode)]);
        }
      }
    });
  });

  it("what `unmatched` and `other` spend is not taken from the routes", () => {
    const labelSets = new LabelSets(100, LABELS);
    for (const method of METHODS.keys()) {
      for (const statusCode of [400, 401, 403, 404, 405, 413, 429, 499]) {
        labelSets.labelSet(labelSets.unmatched, method, statusCode);
      }
    }
    for (let i = 0; i < 95; i++) labelSets.labelSet(labelSets.template(`/routes/${i}`), GET, 200);
    assert.equal(ownSpent(labelSets), 95);
    assert.equal(labelSets.spent, 95 + METHODS.length * 8);
  });

  it("a request that is only ever in flight counts as one, and its first status for nothing", () => {
    const labelSets = new LabelSets(100, LABELS);
    const path = labelSets.template("/users");
    labelSets.operation(path, GET);
    assert.equal(labelSets.spent, 1);
    labelSets.labelSet(path, GET, 200);
    assert.equal(labelSets.spent, 1);
    labelSets.labelSet(path, GET, 404);
    assert.equal(labelSets.spent, 2);
  });

  for (const limit of [1, 2, 19, 20, 21, 1000, 1_000_000]) {
    it(`RED_MAX_LABEL_SETS=${limit}: not more, and not without need less`, () => {
      const labelSets = new LabelSets(limit, LABELS);
      const wanted = Math.min(limit + 10, 2000);
      for (let i = 0; i < wanted; i++) labelSets.labelSet(labelSets.template(`/${i}`), GET, 200);
      assert.equal(ownSpent(labelSets), Math.min(wanted, limit - reserve(limit)));
    });
  }

  it("errors are those from 400 on", () => {
    const labelSets = new LabelSets(100, LABELS);
    const isError = [200, 304, 399, 400, 499, 500, 999].map(
      (code) => labelSets.labelSet(labelSets.other, GET, code).isError,
    );
    assert.deepEqual(isError, [false, false, false, true, true, true, true]);
  });
});

describe("paths of answers without a route", () => {
  it("are at most a hundred, then /*, whatever the methods and status codes, without a word about the budget", () => {
    const overflows: number[] = [];
    const labelSets = new LabelSets(1000, LABELS, () => overflows.push(1));
    for (let i = 0; i < 300; i++)
      for (let method = 0; method < 9; method++)
        for (const status of [200, 302, 500]) labelSets.labelSet(labelSets.unrouted(`/p${i}`), method, status);
    const paths = new Set(labelSets.all.map(({ operation }) => operation.path.value));
    assert.deepEqual([paths.has("/*"), paths.has("other")], [true, false]);
    assert.deepEqual(overflows, []);
  });

  it("are a hundred where there is room", () => {
    const labelSets = new LabelSets(1000, LABELS);
    const values = Array.from({ length: 101 }, (_, i) => labelSets.unrouted(`/p${i}`).value);
    assert.deepEqual(values.slice(98), ["/p98", "/p99", "/*"]);
    assert.equal(labelSets.unrouted("/p7").value, "/p7");
    assert.deepEqual([labelSets.unrouted("/p7").source, labelSets.anything.source], ["normalized", "normalized"]);
  });

  it("become a route's when it turns out to be one, and then overflow as a route's", () => {
    const labelSets = new LabelSets(2, LABELS);
    const path = labelSets.unrouted("/a");
    assert.equal(labelSets.template("/a"), path);
    labelSets.labelSet(path, 0, 200);
    assert.equal(labelSets.labelSet(path, 0, 500).operation.path.value, "other");
  });
});
