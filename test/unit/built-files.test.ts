/** The exports of a build's files: only of those that its main script has loaded for sure. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importedExports } from "../../src/instrumentation/routes/built-files.ts";

describe("files of a build", () => {
  let folder: string;
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
  const found = () => importedExports(join(folder, "build"), /handler/, /\bwanted\b/);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "otel-red-built-"));
    mkdirSync(join(folder, "build"));
    write("package.json", '{ "type": "module" }');
    write("build/index.js", 'import { h } from "./handler.js";\nimport "node:fs";\nimport("./late.js");\nh;\n');
    write("build/handler.js", 'export * from "../chunk.js";\nexport const h = 1;\n');
    write("chunk.js", 'import "./build/index.js";\nexport const wanted = "found";\n');
    write("build/late.js", "export const wanted = 'late'; throw new Error('must not be loaded');\n");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("follows imports, in a circle as well, and leaves alone what is imported later", () => {
    assert.deepEqual(found(), ["found"]);
  });

  it("finds nothing where the main script is of another kind", () => {
    write("build/index.js", 'import "../chunk.js";\n');
    assert.deepEqual(found(), []);
  });

  it("passes over what is missing, fails or waits while it is loaded", () => {
    write("chunk.js", 'import "./gone.js";\nawait 0;\nexport const wanted = 1;\n');
    assert.deepEqual(found(), []);
  });
});
