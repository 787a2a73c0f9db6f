/** Every way to load the preload, and every kind of application under it: the same series. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type App, type AppOptions, INSTRUMENTATIONS, REGISTER, REPOSITORY, startApp } from "../support/app.ts";
import { assertMeasured } from "../support/loading.ts";
import { run } from "../support/run.ts";

const APPS = join(REPOSITORY, "test/apps/loading");
const CJS = join(APPS, "express.cjs");
const ESM = join(APPS, "http.mjs");
/** A preload of an application's tracing. */
const HOOKED = join(APPS, "hooked.mjs");

describe("loading", () => {
  let folder: string;
  let app: App | undefined;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "otel-red-loading-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });

  const start = async (options: AppOptions) => {
    app = await startApp(options);
    return app;
  };

  /** As it is unpacked into an image or a volume: no node_modules in reach. */
  function unpack(name: string): string {
    const target = join(folder, name);
    for (const part of ["dist", "register", "package.json"])
      cpSync(join(REPOSITORY, part), join(target, part), { recursive: true });
    return target;
  }

  describe("by", () => {
    for (const { flags, env, args = [CJS] } of [
      { flags: () => ["--require", REGISTER] },
      { flags: () => ["--import", REGISTER] },
      { flags: () => ["--require", REGISTER], args: [ESM] },
      { flags: () => ["--import", REGISTER], args: [ESM] },
      { flags: () => ["--require", REGISTER, "--import", REGISTER] },
      { flags: () => ["--require", REGISTER, "--require", REGISTER] },
      { flags: () => ["-r", join(REPOSITORY, "register")] },
      { flags: () => [], env: () => ({ NODE_OPTIONS: `--require "${REGISTER}"` }) },
      { flags: () => [], env: () => ({ NODE_OPTIONS: `--import "${REGISTER}"` }), args: [ESM] },
      { flags: () => ["--require", REGISTER], env: () => ({ NODE_OPTIONS: `--import "${REGISTER}"` }) },
    ] as { flags: () => string[]; env?: () => NodeJS.ProcessEnv; args?: string[] }[]) {
      const how = [
        ...Object.entries(env?.() ?? {}).map(([name, value]) => `${name}='${value}'`),
        "node",
        ...flags(),
        ...args,
      ];
      it(how.join(" ").replaceAll(REPOSITORY, ""), async () => {
        await assertMeasured(await start({ flags: flags(), args, ...(env && { env: env() }) }));
      });
    }

    it("the path of an unpacked folder, and of its file", async () => {
      const unpacked = unpack("one");
      await assertMeasured(await start({ flags: ["--require", join(unpacked, "register")], args: [CJS] }));
      await app?.stop();
      await assertMeasured(await start({ flags: ["--import", join(unpacked, "dist/register.cjs")], args: [ESM] }));
    });

    it("two copies of it in two folders", async () => {
      const flags = ["--require", join(unpack("first"), "register"), "--require", join(unpack("second"), "register")];
      await assertMeasured(await start({ flags, args: [CJS] }));
    });
  });

  describe("an application", () => {
    for (const [name, what] of [
      ["express.cjs", "CommonJS"],
      ["express.mjs", "ES modules"],
      ["http.mjs", "ES modules, without a framework"],
      ["mixed.cjs", "CommonJS that imports its framework and requires ES modules"],
      ["mixed.mjs", "ES modules that require their framework"],
      ["late.mjs", "a server first, its framework by import() with the first request"],
      ["typed.mts", "TypeScript"],
      ["express.cts", "TypeScript, CommonJS"],
      ["fastify.mts", "TypeScript, ES modules"],
    ] as const) {
      for (const instrumentation of INSTRUMENTATIONS) {
        it(`in ${name}: ${what}, ${instrumentation}`, async () => {
          const env = { RED_HTTP_INSTRUMENTATION: instrumentation };
          await assertMeasured(await start({ args: [join(APPS, name)], env }));
        });
      }
    }

    // before Node 22.22.3 and 24.11.1 that package has no such hooks
    for (const name of ["express.cjs", "express.mjs"]) {
      for (const instrumentation of INSTRUMENTATIONS) {
        it(`in ${name}, whose tracing hooks module loading: before otel-red, and after it, ${instrumentation}`, async () => {
          const env = { RED_HTTP_INSTRUMENTATION: instrumentation };
          const preloads = [pathToFileURL(HOOKED).href, pathToFileURL(REGISTER).href];
          for (const order of [preloads, preloads.toReversed()]) {
            const flags = order.flatMap((preload) => ["--import", preload]);
            await assertMeasured(await start({ flags, args: [join(APPS, name)], env }));
            await app?.stop();
          }
        });
      }
    }

    for (const instrumentation of INSTRUMENTATIONS) {
      it(`whose server listens before otel-red is loaded, ${instrumentation}`, async () => {
        const flags = ["--require", CJS, "--require", REGISTER];
        const env = { OTEL_SERVICE_NAME: "loading", RED_HTTP_INSTRUMENTATION: instrumentation };
        await assertMeasured(await start({ flags, args: ["--eval", "0"], env }));
      });
    }
  });

  it("loads nothing of HTTP before there is a server", async () => {
    const args = [join(APPS, "modules.cjs")];
    const [without, loaded] = await Promise.all([run({ args }), run({ args, flags: ["--require", REGISTER] })]);
    const before = without.stdout.trim().split(",");
    const added = loaded.stdout.split(",").filter((name) => !before.includes(name));
    assert.ok(added.length > 0, loaded.stderr);
    const names = ["http", "https", "http2", "zlib", "crypto", "dns", "tls"];
    assert.deepEqual(
      names.filter((name) => added.includes(`NativeModule ${name}`)),
      [],
    );
  });

  // Bun itself: `npm run test:runtimes`
  it("says in one line that Bun is not supported, and does nothing", async () => {
    const bun = 'Object.defineProperty(process, "versions", { value: { ...process.versions, bun: "1.4.5" } })';
    const flags = [
      "--import",
      `data:text/javascript,${encodeURIComponent(bun)}`,
      "--import",
      pathToFileURL(REGISTER).href,
    ];
    const { exit, stdout, stderr } = await run({ flags, args: [join(APPS, "other-runtime.cjs")] });
    assert.deepEqual([exit, stdout], [0, "answered\nno metrics\n"], stderr);
    assert.match(stderr, /^otel-red: Bun is not supported: [^\n]*\n$/);
  });
});
