import assert from "node:assert/strict";
import { type Context, type ContextManager, ROOT_CONTEXT } from "@opentelemetry/api";
import { isTracingSuppressed } from "@opentelemetry/core";
import { withTracingSuppressed } from "../../src/exporter/otlp/suppressed.ts";

const REGISTERED = Symbol.for("opentelemetry.js.api.1");
const registered = globalThis as { [REGISTERED]?: { version: string; context?: ContextManager } | undefined };

describe("our requests in the application's traces", () => {
  let before: (typeof registered)[typeof REGISTERED];
  beforeEach(() => {
    before = registered[REGISTERED];
  });
  afterEach(() => {
    if (before === undefined) delete registered[REGISTERED];
    else registered[REGISTERED] = before;
  });

  // 1.9 is where the SDK's own suppression ends: our copy of the API does not talk to an older one
  for (const version of ["1.9.0", "1.10.0"]) {
    it(`are suppressed where the application registered its context manager with API ${version}`, () => {
      let active: Context = ROOT_CONTEXT;
      const manager: ContextManager = {
        active: () => active,
        with(context, run, self, ...parameters) {
          const outer = active;
          active = context;
          try {
            return run.apply(self as ThisParameterType<typeof run>, parameters);
          } finally {
            active = outer;
          }
        },
        bind: (_context, target) => target,
        enable: () => manager,
        disable: () => manager,
      };
      registered[REGISTERED] = { version, context: manager };
      let suppressed: boolean | undefined;
      withTracingSuppressed(() => {
        suppressed = isTracingSuppressed(active);
      });
      assert.equal(suppressed, true);
      assert.equal(isTracingSuppressed(active), false, "and nothing else is");
    });
  }

  it("go out where there is no context manager", () => {
    delete registered[REGISTERED];
    let ran = false;
    withTracingSuppressed(() => {
      ran = true;
    });
    assert.ok(ran);
  });
});
