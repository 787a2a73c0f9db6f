/** `.ci/run` is the README's second command, and its last line is the count of tests whatever happens. */
import { deepEqual, equal } from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REPOSITORY } from "../support/app.ts";
import { run } from "../support/run.ts";

const README = readFileSync(join(REPOSITORY, "README.md"), "utf8");

/** A clone with this README and an npm that notes how it was called, and runs one of these scripts of the shell instead. */
async function ci(npm: Readonly<Record<string, string>>, readme = README) {
  const folder = mkdtempSync(join(tmpdir(), "otel-red-ci-"));
  try {
    cpSync(join(REPOSITORY, ".ci"), join(folder, ".ci"), { recursive: true });
    writeFileSync(join(folder, "README.md"), readme);
    mkdirSync(join(folder, "bin"));
    const cases = Object.entries(npm).map(([args, script]) => `"${args}") ${script};;`);
    const fake = `#!/bin/sh\necho "npm $*" >> "${folder}/calls"\ncase "$*" in ${cases.join(" ")} esac\n`;
    writeFileSync(join(folder, "bin/npm"), fake, { mode: 0o755 });
    writeFileSync(join(folder, "calls"), "");
    const path = `${join(folder, "bin")}:${process.env.PATH}`;
    const { exit, stdout } = await run({ command: "bash", args: [join(folder, ".ci/run")], env: { PATH: path } });
    const calls = readFileSync(join(folder, "calls"), "utf8").trim().split("\n").filter(Boolean);
    return { exit, calls, last: stdout.trimEnd().split("\n").at(-1) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe(".ci/run", () => {
  const ALL = ["npm ci", "npm run setup", "npm test"];
  const passed = 'echo "5 passed, 0 failed"';

  it("calls the README's command", async () =>
    deepEqual(await ci({ test: passed }), { exit: 0, calls: ALL, last: "5 passed, 0 failed" }));

  it("ends with the count where npm goes on after it", async () => {
    const failing = 'echo "5 passed, 2 failed"; echo "npm error"; exit 1';
    deepEqual(await ci({ test: failing }), { exit: 1, calls: ALL, last: "5 passed, 2 failed" });
  });

  it("ends with a failure where the tests are not reached", async () => {
    const { exit, last } = await ci({ "run setup": "exit 1", test: passed });
    deepEqual({ exit, last }, { exit: 1, last: "0 passed, 1 failed" });
  });

  it("ends with a failure where the tests fail and the count does not say so", async () => {
    const { exit, last } = await ci({ test: `${passed}; kill -SEGV $$` });
    deepEqual({ exit, last }, { exit: 139, last: "0 passed, 1 failed" });
  });

  it("ends with a failure where nothing is counted", async () => {
    const { exit, last } = await ci({ test: "exit 0" });
    deepEqual({ exit, last }, { exit: 1, last: "0 passed, 1 failed" });
  });

  it("ends with a failure where the README has no such command", async () => {
    const { exit, last } = await ci({ test: passed }, "# nothing\n");
    deepEqual({ exit, last }, { exit: 1, last: "0 passed, 1 failed" });
  });

  it("finds one command in the README", () => equal(README.match(/^npm ci && .*npm test$/gm)?.length, 1));
});
