/** From where a package is looked for that is not installed with us. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveOptionalPackage } from "../../src/exporter/optional-package.ts";

describe("a package that only few need", () => {
  const [, startedWith = ""] = process.argv;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "otel-red-optional-")));
  const expected = join(folder, "node_modules/wanted-by-few/index.js");
  before(() => {
    mkdirSync(join(expected, ".."), { recursive: true });
    for (const file of [expected, join(folder, "app.js")]) writeFileSync(file, "");
  });
  afterEach(() => {
    process.argv[1] = startedWith;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [what, script] of [
    ["a file", "app.js"],
    ["a file without its extension", "app"],
    ["a folder, as of `node .`", ""],
  ] as const)
    it(`is the application's where the main script is ${what}`, () => {
      process.argv[1] = join(folder, script);
      assert.equal(resolveOptionalPackage("wanted-by-few"), expected);
    });

  it("is asked for where there is none", () => {
    assert.throws(() => resolveOptionalPackage("wanted-by-nobody"), /install it with: npm install wanted-by-nobody$/);
  });
});
