/** A listener that is there exactly while others are: what Node asks of a server is answered as without it. */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import * as fc from "fast-check";
import { mirrorListeners } from "../../src/node/mirrored-listeners.ts";

const EVENTS = ["upgrade", "connect", "other"] as const;
const ACCOMPANIED = ["upgrade", "connect"] as const;

const fail = (error: unknown) => {
  throw error;
};

/** What an application does with its server. `listener` names one of its own. */
type Step =
  | { readonly does: "on" | "once" | "prependListener" | "off"; readonly event: string; readonly listener: number }
  | { readonly does: "emit" | "removeAllListeners"; readonly event: string };

const event = fc.constantFrom(...EVENTS);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    does: fc.constantFrom("on", "once", "prependListener", "off"),
    event,
    listener: fc.nat({ max: 2 }),
  }),
  fc.record({ does: fc.constantFrom("emit", "removeAllListeners"), event }),
);

/** An emitter, and what it calls. */
class Application {
  readonly emitter = new EventEmitter();
  readonly heard: string[] = [];
  readonly #listeners = [0, 1, 2].map((name) => () => this.heard.push(String(name)));

  take(step: Step): unknown {
    switch (step.does) {
      case "emit":
        return this.emitter.emit(step.event);
      case "removeAllListeners":
        this.emitter.removeAllListeners(step.event);
        return undefined;
      default:
        this.emitter[step.does](step.event, this.#listeners[step.listener] as () => void);
        return undefined;
    }
  }
}

describe("mirrorListeners", () => {
  it("is there exactly while the application listens, and comes before what was there, whatever it does", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat({ max: 5 }), (steps, startsAt) => {
        const alone = new Application();
        const accompanied = new Application();
        const ours = new Map(ACCOMPANIED.map((name) => [name, () => accompanied.heard.push("ours")]));
        let stop = () => {};
        for (const [index, each] of steps.entries()) {
          if (index === startsAt) stop = mirrorListeners(accompanied.emitter, ours, fail);
          assert.equal(accompanied.take(each), alone.take(each), each.does);
          for (const name of EVENTS) {
            const own = alone.emitter.listenerCount(name);
            const isAccompanied = index >= startsAt && name !== "other" && own > 0;
            assert.equal(accompanied.emitter.listenerCount(name), own + (isAccompanied ? 1 : 0), name);
          }
        }
        stop();
        assert.deepEqual(
          accompanied.heard.filter((name) => name !== "ours"),
          alone.heard,
        );
        assert.deepEqual(accompanied.emitter.eventNames().sort(), alone.emitter.eventNames().sort());
      }),
    );
  });

  it("is told of each event once, and before the listener that was there", () => {
    const emitter = new EventEmitter();
    const heard: unknown[] = [];
    emitter.on("upgrade", (request) => heard.push(["application", request]));
    mirrorListeners(emitter, new Map([["upgrade", (request: unknown) => heard.push(["ours", request])]]), fail);
    emitter.on("upgrade", (request) => heard.push(["second", request]));
    emitter.emit("upgrade", 1);
    assert.deepEqual(heard, [
      ["ours", 1],
      ["application", 1],
      ["second", 1],
    ]);
  });

  it("hands over an exception, and the application's listener is added", () => {
    const emitter = new EventEmitter();
    const failures: unknown[] = [];
    mirrorListeners(emitter, new Map([["upgrade", () => {}]]), (error) => failures.push(error));
    const failure = new Error("expected by the test");
    emitter.prependListener = () => {
      throw failure;
    };
    emitter.on("upgrade", () => {});
    assert.deepEqual([failures, emitter.listenerCount("upgrade")], [[failure], 1]);
  });
});
