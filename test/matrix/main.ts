/**
 * `npm run test:matrix`: the tables of routes on every supported version of Node.js. Mocha runs on this Node, the
 * applications on that version. Ends with 1 where a test has failed.
 *
 *     npm run test:matrix -- --node 20,26 test/preload/routes-koa.test.ts
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { REPOSITORY } from "../support/app.ts";
import { nodeBinary } from "../support/node-versions.ts";
import type { TestResult } from "./reporter.ts";
import { matrixTable } from "./table.ts";

const SUPPORTED = "20,22,24,26";
/** The version that cannot run TypeScript by itself, which some of the applications are. */
const WITHOUT_TYPE_STRIPPING = "20";
const TYPESCRIPT = pathToFileURL(join(import.meta.dirname, "typescript.mjs")).href;
/** The tables' own rows for another version are part of `npm test`: here they would be the same on each. */
const OTHER_VERSIONS = "Node\\.js \\d";

const { values, positionals } = parseArgs({
  options: { node: { type: "string", default: SUPPORTED } },
  allowPositionals: true,
});
const files = positionals.length > 0 ? positionals : globSync("test/preload/routes-*.test.ts", { cwd: REPOSITORY });

const results = new Map<string, readonly TestResult[]>();
for (const version of values.node.split(",")) {
  const startedAtMs = performance.now();
  results.set(version, await runOn(version));
  for (const { suites, title, failure } of results.get(version) ?? [])
    if (failure !== undefined) console.log(`Node.js ${version}, ${[...suites, title].join(" › ")}\n${failure}\n`);
  console.error(`Node.js ${version}: ${((performance.now() - startedAtMs) / 1000).toFixed(0)} s`);
}
console.log(matrixTable(results));
const all = [...results.values()].flat();
const failed = all.filter(({ failure }) => failure !== undefined).length;
console.log(`\n${all.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function runOn(version: string): Promise<readonly TestResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "otel-red-matrix-"));
  const resultsFile = join(folder, "results.json");
  try {
    const reporter = join(import.meta.dirname, "reporter.ts");
    const { status } = spawnSync(
      "npx",
      ["mocha", "--reporter", reporter, "--grep", OTHER_VERSIONS, "--invert", ...files],
      {
        cwd: REPOSITORY,
        stdio: "inherit",
        env: {
          ...process.env,
          MATRIX_RESULTS_FILE: resultsFile,
          TEST_NODE: await nodeBinary(version),
          TEST_NODE_OPTIONS: version === WITHOUT_TYPE_STRIPPING ? `--import ${TYPESCRIPT}` : "",
        },
      },
    );
    const tests = JSON.parse(readFileSync(resultsFile, "utf8")) as TestResult[];
    if (status === 0 || tests.some(({ failure }) => failure !== undefined)) return tests;
    throw new Error(`Node.js ${version}: mocha ended with ${status}, and no test has failed`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
