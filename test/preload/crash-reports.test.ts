/**
 * A crash while the application is loaded, or later: what it prints and how it ends is as without us, with `@opentelemetry/api` in
 * reach of the main script and without.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REGISTER, REPOSITORY } from "../support/app.ts";
import { nodeBinary } from "../support/node-versions.ts";
import { type Outcome, run } from "../support/run.ts";

const LATER = `const server = require("node:http").createServer((_request, response) => response.end());
server.listen(0, "127.0.0.1", async () => {
  await (await fetch("http://127.0.0.1:" + server.address().port)).text();
  setTimeout(() => require("./throws.cjs"), 1);
});
`;

/** Name and text of the main script. */
const CRASHES: readonly (readonly [what: string, file: string, text: string])[] = [
  ["a text", "main.cjs", 'throw "x";'],
  ["an error", "main.cjs", 'const one = 1;\nthrow new Error("boom");'],
  ["an error in a file that it requires", "main.cjs", 'require("./throws.cjs");'],
  ["an error in a file that is required after the first request", "main.cjs", LATER],
  ["a syntax error", "main.cjs", "const = 1;"],
  ["a file that is not there", "main.cjs", 'require("./nothing.cjs");'],
  [
    "the API, and then an error",
    "main.cjs",
    'try { require("@opentelemetry/api"); } catch {}\nthrow new Error("boom");',
  ],
  ["an error in an ES module", "main.mjs", 'const one = 1;\nthrow new Error("boom");'],
  ["an error in a CommonJS file that an ES module imports", "main.mjs", 'import "./throws.cjs";'],
  ["a rejected promise", "main.cjs", 'Promise.reject(new Error("boom"));'],
  ["process.exit()", "main.cjs", "process.exit(3);"],
  ["process.exit() in a file that it requires", "main.cjs", 'require("./exits.cjs");'],
];

describe("what a crash prints", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "otel-red-crash-"));
    for (const name of ["without", "with"]) {
      mkdirSync(join(folder, name, "node_modules"), { recursive: true });
      writeFileSync(join(folder, name, "throws.cjs"), 'const one = 1;\nthrow new Error("boom");');
      writeFileSync(join(folder, name, "exits.cjs"), "process.exit(3);");
    }
    const scope = join(folder, "with/node_modules/@opentelemetry");
    mkdirSync(scope);
    symlinkSync(join(REPOSITORY, "node_modules/@opentelemetry/api"), join(scope, "api"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const version of [undefined, "22"])
    for (const api of ["without", "with"])
      for (const [what, file, text] of CRASHES)
        it(`${what}, ${api} the API, Node.js ${version ?? "of the tests"}`, async function () {
          this.timeout(200_000); // npm downloads what is not there yet
          const cwd = join(folder, api);
          writeFileSync(join(cwd, file), text);
          const command = version === undefined ? process.execPath : await nodeBinary(version);
          const [bare, ours] = await Promise.all(
            [[], ["--require", REGISTER]].map((flags) =>
              run({ command, flags, args: [file], cwd, env: { OTEL_EXPORTER_PROMETHEUS_PORT: "0" } }),
            ),
          );
          const { exit, stdout, stderr } = ours as Outcome;
          assert.deepEqual({ exit, stdout, stderr: withoutOurs(stderr) }, bare);
        });
});

/** Where the endpoint is goes to stderr, if a server of the application listens. */
function withoutOurs(stderr: string): string {
  return stderr.replace(/^otel-red: metrics are served on .*\n/m, "");
}
