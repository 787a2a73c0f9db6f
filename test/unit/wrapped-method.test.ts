/** A method that is wrapped on a prototype: what can be noticed of it, and what is left when it is undone. */
import assert from "node:assert/strict";
import {
  type Method,
  onCall,
  onGet,
  onReturn,
  prototypeOf,
  undoAll,
  wrapMethod,
} from "../../src/instrumentation/routes/wrapped-method.ts";

/** Counts its calls. */
function counted(calls: unknown[]) {
  return (method: Method): Method =>
    function (this: never, ...args: never[]) {
      calls.push(args);
      return method.apply(this, args);
    };
}

describe("wrapMethod", () => {
  class Base {
    inherited(): string {
      return "inherited";
    }
  }
  class Sum extends Base {
    readonly start = 1;
    add(first: number, second: number): number {
      return this.start + first + second;
    }
  }
  const original = Object.getOwnPropertyDescriptor(Sum.prototype, "add");

  it("calls back for each call, also of instances that were there before, and keeps what can be seen of it", () => {
    const instance = new Sum();
    const calls: unknown[] = [];
    const undo = wrapMethod(Sum.prototype, "add", counted(calls));
    assert.equal(instance.add(2, 3), 6);
    assert.deepEqual(calls, [[2, 3]]);
    assert.deepEqual([instance.add.name, instance.add.length], ["add", 2]);
    assert.deepEqual(
      { ...Object.getOwnPropertyDescriptor(Sum.prototype, "add"), value: undefined },
      { ...original, value: undefined },
    );
    undo?.();
    assert.deepEqual(Object.getOwnPropertyDescriptor(Sum.prototype, "add"), original);
  });

  it("leaves nothing of a method that was inherited", () => {
    const undo = wrapMethod(Sum.prototype, "inherited", counted([]));
    assert.equal(new Sum().inherited(), "inherited");
    assert.equal(Object.hasOwn(Sum.prototype, "inherited"), true);
    undo?.();
    assert.equal(Object.hasOwn(Sum.prototype, "inherited"), false);
  });

  it("does not undo what somebody else has wrapped since", () => {
    const undo = wrapMethod(Sum.prototype, "add", counted([]));
    const undoTheirs = wrapMethod(Sum.prototype, "add", counted([]));
    const theirs = Sum.prototype.add;
    undo?.();
    assert.equal(Sum.prototype.add, theirs);
    undoTheirs?.();
    Object.defineProperty(Sum.prototype, "add", original as PropertyDescriptor);
  });

  for (const [what, prototype] of [
    ["there is no such method", {}],
    ["it is no method", { add: 3 }],
    ["it cannot be replaced", Object.freeze({ add: () => 3 })],
  ] as const)
    it(`leaves alone what it does not know: ${what}`, () => {
      const before = Object.getOwnPropertyDescriptors(prototype);
      assert.equal(wrapMethod(prototype, "add", counted([])), undefined);
      assert.deepEqual(Object.getOwnPropertyDescriptors(prototype), before);
    });
});

describe("onCall and onReturn", () => {
  class Doubling {
    readonly factor = 2;
    times(value: number): number {
      return this.factor * value;
    }
  }
  const unexpected = (error: unknown) => assert.fail(String(error));

  it("call back before and after, with the object or the result, and what it was called with", () => {
    const seen: unknown[] = [];
    const instance = new Doubling();
    const undo = [
      onCall(Doubling.prototype, "times", (self, args) => seen.push([self, args]), unexpected),
      onReturn(Doubling.prototype, "times", (result, args) => seen.push([result, args]), unexpected),
    ];
    assert.equal(instance.times(21), 42);
    assert.deepEqual(seen, [
      [instance, [21]],
      [42, [21]],
    ]);
    undoAll(undo.reverse())?.();
    instance.times(1);
    assert.equal(seen.length, 2);
  });

  for (const observe of [onCall, onReturn])
    it(`${observe.name}: an exception of ours is not the caller's`, () => {
      const failures: unknown[] = [];
      const expected = new Error("expected by the test");
      const fail = () => {
        throw expected;
      };
      const undo = observe(Doubling.prototype, "times", fail, (error) => failures.push(error));
      assert.equal(new Doubling().times(3), 6);
      assert.deepEqual(failures, [expected]);
      undo?.();
    });
});

describe("onGet", () => {
  it("calls back with the object that is asked, until it is undone", () => {
    class Box {
      readonly content = 7;
      get size(): number {
        return this.content;
      }
    }
    const asked: unknown[] = [];
    const undo = onGet(
      Box.prototype,
      "size",
      (box) => asked.push(box),
      (error) => assert.fail(String(error)),
    );
    const box = new Box();
    assert.equal(box.size, 7);
    assert.deepEqual(asked, [box]);
    undo?.();
    assert.equal(box.size, 7);
    assert.deepEqual(asked, [box]);
  });

  for (const [what, object] of [
    ["there is no such getter", {}],
    ["it is no getter", { size: 3 }],
    ["it cannot be replaced", Object.freeze({ size: 3 })],
  ] as const)
    it(`leaves alone what it does not know: ${what}`, () => {
      const before = Object.getOwnPropertyDescriptors(object);
      const undo = onGet(
        object,
        "size",
        () => {},
        (error) => assert.fail(String(error)),
      );
      assert.equal(undo, undefined);
      assert.deepEqual(Object.getOwnPropertyDescriptors(object), before);
    });
});

describe("prototypeOf", () => {
  class Known {}
  for (const [what, exported, expected] of [
    ["a class", Known, Known.prototype],
    ["nothing", undefined, {}],
    ["a function that is no class", () => {}, {}],
    ["an object", { prototype: 3 }, {}],
  ] as const)
    it(`of ${what}`, () => assert.deepEqual(prototypeOf(exported), expected));
});
