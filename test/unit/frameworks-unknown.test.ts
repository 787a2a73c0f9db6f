/** Versions of frameworks that we do not know: whatever they lack, they work on, and so do we. */
import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { adonisjs } from "../../src/instrumentation/routes/adonisjs.ts";
import type { Framework, Observation } from "../../src/instrumentation/routes/framework.ts";
import { h3 } from "../../src/instrumentation/routes/h3.ts";
import { hapi } from "../../src/instrumentation/routes/hapi.ts";
import { hono } from "../../src/instrumentation/routes/hono.ts";
import { koa } from "../../src/instrumentation/routes/koa.ts";
import { ObservedRoutes } from "../../src/instrumentation/routes/observed-routes.ts";
import { polka } from "../../src/instrumentation/routes/polka.ts";
import { restify } from "../../src/instrumentation/routes/restify.ts";
import { tinyhttp } from "../../src/instrumentation/routes/tinyhttp.ts";
import { LabelSets } from "../../src/view/label-sets.ts";
import { redLabels } from "../../src/view/red.ts";

const FRAMEWORKS: Readonly<Record<string, Framework>> = { adonisjs, h3, hapi, hono, koa, polka, restify, tinyhttp };

/** What a method of an unknown version may be called with, called on, or give back. */
const ODD: readonly unknown[] = [
  undefined,
  {},
  { req: {}, raw: {}, node: {}, env: {} },
  { req: { socket: null }, raw: { req: {} }, node: { req: {} }, env: { incoming: {} }, request: { request: {} } },
  [],
  [[[]]],
  [[[[() => "handled", { path: 1 }], {}]]],
  { params: {}, handlers: [] },
];

/** The methods and getters that are wrapped, on a class that gives back what it is told to. */
function unknownClass(gives: unknown) {
  class Unknown {
    routes: unknown = gives;
    createContext(..._args: unknown[]): unknown {
      return gives;
    }
    createHttpContext(..._args: unknown[]): unknown {
      return gives;
    }
    get writable(): unknown {
      return gives;
    }
    get handled(): unknown {
      return gives;
    }
    get method(): unknown {
      return gives;
    }
    "~findRoute"(..._args: unknown[]): unknown {
      return gives;
    }
  }
  const others = Object.fromEntries(
    ["_execute", "_setupRequest", "add", "match", "find", "captures", "enabled"].map((name) => [name, () => gives]),
  );
  Object.assign(Unknown.prototype, others);
  return Unknown;
}

const METHODS = [
  "createContext",
  "createHttpContext",
  "~findRoute",
  "_execute",
  "_setupRequest",
  "add",
  "match",
  "find",
  "captures",
  "enabled",
];

describe("a framework of an unknown version", () => {
  const failures: unknown[] = [];
  const unknown: string[] = [];
  const observation: Observation = {
    labelSets: new LabelSets(100, redLabels("shop", "path")),
    onUnknown: (message) => unknown.push(message),
    onFailure: (error) => failures.push(error),
  };
  afterEach(() => assert.deepEqual(failures.splice(0), []));

  for (const [name, framework] of Object.entries(FRAMEWORKS)) {
    for (const { file, observe } of framework.files ?? []) {
      it(`${name}, ${file}: without anything that is known`, () => {
        for (const exports of [{}, { default: 3 }, { H3: {}, H3Event: null }, Object.freeze({ Router: () => {} })])
          assert.equal(observe(exports, observation), undefined);
      });

      it(`${name}, ${file}: gives what it gives without us, also when we have gone`, () => {
        for (const gives of ODD) {
          const Unknown = unknownClass(gives);
          const create = Object.assign(() => new Unknown(), { prototype: Unknown.prototype });
          const exports = Object.assign(create, {
            H3: Unknown,
            H3Event: Unknown,
            Server: Unknown,
            App: Unknown,
            Unknown,
          });
          Object.defineProperties(exports, Object.getOwnPropertyDescriptors(Unknown.prototype));
          const undo = observe(exports as never, observation);
          const instance = new Unknown() as unknown as Record<string, (...args: unknown[]) => unknown>;
          const askAll = () => {
            for (const args of [[], ...ODD.map((odd) => [odd, odd, odd])])
              for (const method of METHODS) assert.deepEqual(instance[method]?.(...args), gives, method);
            assert.deepEqual([instance.writable, instance.handled, instance.method], [gives, gives, gives]);
          };
          askAll();
          undo?.();
          askAll();
        }
      });
    }
  }

  it("is told of once, with what to do about it", () => {
    const folder = mkdtempSync(join(tmpdir(), "otel-red-unknown-"));
    const routes = new ObservedRoutes({ ...observation, onFirstNormalized: () => {} });
    try {
      const filename = join(folder, "node_modules/@hapi/hapi/lib/request.js");
      mkdirSync(dirname(filename), { recursive: true });
      writeFileSync(join(folder, "node_modules/@hapi/hapi/package.json"), '{"name":"@hapi/hapi","version":"99.0.0"}');
      writeFileSync(filename, "module.exports = class {};");
      createRequire(filename)(filename);
      for (let listens = 0; listens < 2; listens++) channel("tracing:net.server.listen:asyncStart").publish({});
      assert.equal(unknown.length, 1);
      assert.match(String(unknown[0]), /^@hapi\/hapi: lib\/request\.js .* is not known, .* RED_PATH_PATTERNS$/);
    } finally {
      routes.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
