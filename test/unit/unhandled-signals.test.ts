import assert from "node:assert/strict";
import { beforeUnhandledSignals } from "../../src/exporter/flush/unhandled-signals.ts";

const SIGNAL = "SIGTERM";

describe("the listener for a signal that nobody handles", () => {
  let before: readonly ((...parameters: never[]) => void)[];
  let watch: { stop(): void };
  const added = () => process.listeners(SIGNAL).filter((listener) => !before.includes(listener));
  beforeEach(() => {
    before = process.listeners(SIGNAL);
    assert.deepEqual(before, [], "the runner of the tests has none");
    watch = beforeUnhandledSignals(async () => {});
  });
  afterEach(() => {
    watch.stop();
    process.removeAllListeners(SIGNAL);
  });

  it("is there, and gone after stop()", () => {
    assert.equal(added().length, 1);
    watch.stop();
    assert.deepEqual(added(), []);
  });

  it("makes way for the application's, also for one that is there only once", () => {
    const handler = () => {};
    for (const add of ["on", "once", "prependListener"] as const) {
      process[add](SIGNAL, handler);
      assert.deepEqual(process.listeners(SIGNAL), [handler]);
      process.off(SIGNAL, handler);
      assert.notDeepEqual(process.listeners(SIGNAL), [handler]);
    }
  });

  it("comes back when the application's last one has gone", () => {
    const handlers = [() => {}, () => {}];
    for (const handler of handlers) process.on(SIGNAL, handler);
    process.off(SIGNAL, handlers[0] as () => void);
    assert.deepEqual(added(), [handlers[1]]);
    process.off(SIGNAL, handlers[1] as () => void);
    assert.equal(added().length, 1);
    assert.ok(!handlers.includes(added()[0] as () => void));
  });

  it("is not called while a handler runs that was there once", () => {
    let handled = 0;
    process.once(SIGNAL, () => handled++);
    // ours would raise the signal, and end the tests
    process.emit(SIGNAL, SIGNAL);
    assert.equal(handled, 1);
    assert.equal(added().length, 1);
  });
});
