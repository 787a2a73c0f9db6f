/**
 * The application's own instruments, made through its own copy of the API, of any version, however it is loaded.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { type App, REGISTER, REPOSITORY, startApp } from "../support/app.ts";
import { type Exposition, total } from "../support/exposition.ts";
import { API_VERSIONS, type ApiVersion, folderWithApi } from "../support/folder-with-api.ts";
import { nodeBinary } from "../support/node-versions.ts";

const METERS = join(REPOSITORY, "test/apps/meters");
const SCOPE = { otel_scope_name: "shop", otel_scope_version: "1.2.3" };

/** What measure.cjs has measured. */
const MEASURED: readonly [name: string, labels: Record<string, string>, value: number][] = [
  ["orders_total", { kind: "book" }, 2],
  ["carts", {}, -3],
  ["weight_grams_bucket", { le: "10" }, 1],
  ["weight_grams_bucket", { le: "100" }, 2],
  ["weight_grams_bucket", { le: "+Inf" }, 3],
  ["weight_grams_sum", {}, 555],
  ["weight_grams_count", {}, 3],
  ["temperature_celsius", {}, 21.5],
  ["sent_bytes_total", {}, 1024],
  ["queue_length", { queue: "mail" }, 7],
  ["balance", {}, -1],
  ["heads", {}, 1],
  ["tails", {}, 2],
];

function ofTheShop({ samples }: Exposition) {
  return samples
    .filter(({ labels, name }) => labels.otel_scope_name === "shop" && name !== "visits_total")
    .map(({ name, labels, value }) => [name, labels, value]);
}

const expected = MEASURED.map(([name, labels, value]) => [name, { ...labels, ...SCOPE }, value]);

const REQUIRE = ["--require", REGISTER];
const IMPORT = ["--import", pathToFileURL(REGISTER).href];

describe("the application's own instruments", () => {
  const folders = new Map<ApiVersion | undefined, string>();
  let app: App | undefined;

  before(() => {
    for (const version of [...(Object.keys(API_VERSIONS) as ApiVersion[]), undefined])
      folders.set(version, folderWithApi(METERS, version));
  });
  after(() => {
    for (const folder of folders.values()) rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });

  async function showsAll(script: string, flags: readonly string[], version: ApiVersion, env: NodeJS.ProcessEnv = {}) {
    app = await startApp({ flags, env, args: [join(folders.get(version) as string, script)] });
    return shown(app);
  }

  async function shown(app: App): Promise<Exposition> {
    assert.equal(await (await fetch(app.url)).text(), "undefined", "no global is registered");
    const exposition = await app.scrapeUntil(
      "the visit is counted",
      ({ samples }) => total(samples, "visits_total") > 0,
    );
    assert.deepEqual(ofTheShop(exposition), expected);
    assert.equal(total(exposition.samples, "visits_total"), 1);
    assert.match(app.stderr(), /^otel-red: metrics are served on \S+\n$/);
    return exposition;
  }

  for (const version of Object.keys(API_VERSIONS) as ApiVersion[])
    describe(`API ${version}`, () => {
      for (const script of ["required.cjs", "imported.mjs", "imported-late.cjs", "both.cjs"])
        for (const flags of [REQUIRE, IMPORT]) it(`${script}, ${flags[0]}`, () => showsAll(script, flags, version));
    });

  it("both copies of the API that one application has", async () => {
    const { samples } = await showsAll("both.cjs", REQUIRE, "1.10.0");
    assert.equal(total(samples, "early_total", { otel_scope_name: "required" }), 1);
  });

  describe("named on the command line", () => {
    const folder = () => folders.get("1.10.0") as string;

    it("with NODE_OPTIONS", () => showsAll("required.cjs", [], "1.10.0", { NODE_OPTIONS: `--require "${REGISTER}"` }));
    it("as a folder", () => showsAll("", REQUIRE, "1.10.0"));
    it("without its extension", () => showsAll("index", REQUIRE, "1.10.0"));
    it("by a symbolic link", async () => {
      const elsewhere = mkdtempSync(join(tmpdir(), "otel-red-link-"));
      try {
        symlinkSync(join(folder(), "imported.mjs"), join(elsewhere, "linked.mjs"));
        await showsAll(relative(folder(), join(elsewhere, "linked.mjs")), REQUIRE, "1.10.0");
      } finally {
        rmSync(elsewhere, { recursive: true });
      }
    });
  });

  it("an application without the API", async () => {
    app = await startApp({ args: [join(folders.get(undefined) as string, "none.cjs")] });
    assert.equal(await (await fetch(app.url)).text(), "undefined");
    const { samples } = await app.scrapeUntil(
      "it is counted",
      ({ samples }) => total(samples, "http_requests_total") > 0,
    );
    assert.deepEqual(
      samples.filter(({ labels }) => "otel_scope_name" in labels),
      [],
    );
    assert.match(app.stderr(), /^otel-red: metrics are served on \S+\n$/);
  });

  describe("Node.js", function () {
    // npm downloads what is not there yet
    this.timeout(200_000);
    for (const version of ["20.19.0", "22.15", "22", "26"])
      for (const script of ["required.cjs", "imported.mjs", "imported-late.cjs"])
        it(`${version}, ${script}`, async () => {
          const args = [join(folders.get("1.10.0") as string, script)];
          app = await startApp({ node: await nodeBinary(version), args });
          await shown(app);
        });
  });
});
