/** Which files of packages are recognised, and what becomes of an exception of our own when one is told of. */
import assert from "node:assert/strict";
import { channel, hasSubscribers } from "node:diagnostics_channel";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { observeLoadedModules } from "../../src/node/loaded-modules.ts";
import { type PackageFile, packageFileOf } from "../../src/node/package-files.ts";

describe("files of packages", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "otel-red-modules-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Writes a package with one file, and gives the path of that. */
  function install(at: string, packageJson: string, file = "lib/server.cjs"): string {
    const root = join(folder, at);
    const filename = join(root, file);
    mkdirSync(dirname(filename), { recursive: true });
    writeFileSync(join(root, "package.json"), packageJson);
    writeFileSync(filename, "exports.Server = class {};");
    return filename;
  }

  function wanted(onLoaded: PackageFile["onLoaded"] = () => {}): PackageFile {
    return { package: "@some/server", file: "lib/server.cjs", format: "commonjs", onLoaded };
  }

  function observe(
    files: readonly PackageFile[],
    onFailure: (error: unknown) => void = assert.ifError,
    main = "main.js",
  ) {
    return observeLoadedModules({ files, mainScriptFile: () => join(folder, main), onFailure });
  }

  for (const [what, at, packageJson, expected] of [
    ["as installed", "node_modules/@some/server", '{"name":"@some/server"}', true],
    ["under another name", "node_modules/server-20", '{"name":"@some/server"}', true],
    ["of another package with that name", "node_modules/@other/server", '{"name":"@other/server"}', false],
    ["in a folder that is called quite differently", "node_modules/other", '{"name":"@some/server"}', false],
    ["with a package.json that is none", "node_modules/@some/server", "{", false],
    ["with a package.json that says nothing", "node_modules/@some/server", "null", false],
  ] as const)
    it(`${what}: ${expected ? "recognised" : "left alone"}`, () => {
      const filename = install(at, packageJson);
      assert.equal(packageFileOf([wanted()], filename) !== undefined, expected);
    });

  it("are told of once each, two copies of a package too, when a server is about to listen", () => {
    const names = ["a/node_modules/@some/server", "b/node_modules/@some/server"];
    const filenames = names.map((name) => install(name, '{"name":"@some/server"}'));
    const [first, second] = filenames.map((filename) => createRequire(filename)(filename));
    const told: unknown[] = [];
    const { remove } = observe([wanted((exports) => told.push(exports))]);
    try {
      for (let listens = 0; listens < 2; listens++) channel("tracing:net.server.listen:asyncStart").publish({});
      assert.deepEqual(told, [first, second]);
    } finally {
      remove();
    }
  });

  for (const [what, main] of [
    ["a file", "main.js"],
    ["a folder, as of `node .`", ""],
  ] as const)
    it(`are told of where they are ES modules and the main script is ${what}`, async () => {
      const filename = install("node_modules/@some/server", '{"name":"@some/server"}', "lib/server.mjs");
      writeFileSync(filename, "export class Server {}");
      const told: unknown[] = [];
      const onLoaded = (exports: unknown) => void told.push(exports);
      const { remove } = observe([{ ...wanted(onLoaded), file: "lib/server.mjs", format: "module" }], undefined, main);
      try {
        const { Server } = await import(pathToFileURL(filename).href);
        channel("tracing:net.server.listen:asyncStart").publish({});
        assert.deepEqual(
          told.map((exports) => (exports as { Server: unknown }).Server),
          [Server],
        );
      } finally {
        remove();
      }
    });

  it("are told of at the first request, too, if no server's listening has shown them", () => {
    const told: unknown[] = [];
    const { remove } = observe([wanted((exports) => told.push(exports))]);
    try {
      channel("tracing:net.server.listen:asyncStart").publish({});
      const filename = install("node_modules/@some/server", '{"name":"@some/server"}');
      // with Node's own channels nobody would have to look
      const loaded = { [filename]: { loaded: true, exports: { Server: class {} } } };
      Object.assign(createRequire(filename).cache, loaded);
      channel("http.server.request.start").publish({});
      assert.deepEqual(told, [loaded[filename]?.exports]);
    } finally {
      remove();
    }
  });

  it("are watched for until they are not to be any more, however many servers listen", () => {
    const names = ["tracing:module.require:end", "tracing:module.import:asyncEnd", "http.server.request.start"];
    const { remove } = observe([wanted()]);
    for (let listens = 0; listens < 3; listens++) channel("tracing:net.server.listen:asyncStart").publish({});
    assert.deepEqual(names.map(hasSubscribers), [false, true, true]);
    for (let requests = 0; requests < 3; requests++) channel("http.server.request.start").publish({});
    // a crash would show Node's own line in place of the application's
    assert.deepEqual(names.map(hasSubscribers), [false, true, false]);
    remove();
    assert.deepEqual(names.map(hasSubscribers), [false, false, false]);
  });

  it("hand an exception of ours to who stands aside, not to the application", () => {
    const filename = install("node_modules/@some/server", '{"name":"@some/server"}');
    createRequire(filename)(filename);
    const expected = new Error("expected by the test");
    const failures: unknown[] = [];
    const failing = wanted(() => {
      throw expected;
    });
    const { remove } = observe([failing], (error) => void failures.push(error));
    try {
      channel("tracing:net.server.listen:asyncStart").publish({});
      assert.deepEqual(failures, [expected]);
    } finally {
      remove();
    }
  });
});
