/** When a file has been loaded, and that the loader, and who looks into its cache, notices nothing. */
import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onceLoaded } from "../../src/node/loaded-file.ts";

const require = createRequire(import.meta.url);

describe("a file that is waited for", () => {
  let folder: string;
  let filename: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "otel-red-loaded-")));
    filename = join(folder, "file.cjs");
    writeFileSync(filename, "exports.early = 1; exports.late = 2;");
  });
  afterEach(() => {
    delete require.cache[filename];
    rmSync(folder, { recursive: true, force: true });
  });

  it("is told of once, when all of it has run", () => {
    const told: unknown[] = [];
    onceLoaded(filename, () => told.push({ ...require(filename) }));
    assert.deepEqual(told, []);
    require(filename);
    require(filename);
    assert.deepEqual(told, [{ early: 1, late: 2 }]);
  });

  it("is told of at once where it is there already", () => {
    require(filename);
    let calls = 0;
    onceLoaded(filename, () => calls++);
    assert.equal(calls, 1);
  });

  it("is told of when it has run, where it is being loaded", () => {
    const told: unknown[] = [];
    writeFileSync(filename, "exports.early = 1; globalThis.otelRedTest(); exports.late = 2;");
    const during = { otelRedTest: () => onceLoaded(filename, () => told.push({ ...require(filename) })) };
    Object.assign(globalThis, during);
    try {
      require(filename);
    } finally {
      Reflect.deleteProperty(globalThis, "otelRedTest");
    }
    assert.deepEqual(told, [{ early: 1, late: 2 }]);
  });

  it("is told of by import as well", async () => {
    let calls = 0;
    onceLoaded(filename, () => calls++);
    await import(filename);
    assert.equal(calls, 1);
  });

  it("is not told of once nobody waits any more", () => {
    let calls = 0;
    onceLoaded(filename, () => calls++)();
    require(filename);
    assert.equal(calls, 0);
  });

  it("is in Node's cache as any other, before and after", () => {
    onceLoaded(filename, () => {});
    assert.equal(require.cache[filename], undefined);
    assert.equal(Object.keys(require.cache).includes(filename), false);
    require(filename);
    for (const [object, name] of [
      [require.cache, filename],
      [require.cache[filename], "loaded"],
    ] as const) {
      const { value, ...attributes } = Object.getOwnPropertyDescriptor(object, name) ?? {};
      assert.ok(value);
      assert.deepEqual(attributes, { configurable: true, enumerable: true, writable: true });
    }
  });
});
