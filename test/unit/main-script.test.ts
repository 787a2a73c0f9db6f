/** Whose script the process is there for, where Node was started with that of a program which runs others. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { mainScript, workingFolder } from "../../src/config/main-script.ts";

const APP = "/srv/shop/server.js";
const FORKED = "node_modules/pm2/lib/ProcessContainerFork.js";
const WORKER = "node_modules/pm2/lib/ProcessContainer.js";

describe("the main script", () => {
  let root: string;
  before(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "otel-red-main-")));
    for (const file of [FORKED, WORKER, "app.js", "node_modules/ts-node/dist/bin-esm.js"]) {
      mkdirSync(join(root, dirname(file)), { recursive: true });
      writeFileSync(join(root, file), "");
    }
    mkdirSync(join(root, "node_modules/ts-node-dev/lib"), { recursive: true });
    writeFileSync(join(root, "node_modules/ts-node-dev/lib/wrap.js"), "");
    mkdirSync(join(root, "node_modules/.bin"));
    symlinkSync(join(root, "node_modules/ts-node/dist/bin-esm.js"), join(root, "node_modules/.bin/ts-node-esm"));
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  for (const [what, script, environment, expected] of [
    ["a forked process of PM2", FORKED, { pm_exec_path: APP }, APP],
    ["a worker of PM2's cluster, at its start", WORKER, { pm2_env: JSON.stringify({ pm_exec_path: APP }) }, APP],
    ["a worker of PM2's cluster, later", WORKER, { pm_exec_path: APP }, APP],
    ["ts-node", "node_modules/.bin/ts-node-esm", {}, process.cwd()],
    ["ts-node-dev", "node_modules/ts-node-dev/lib/wrap.js", {}, "first-argument.ts"],
  ] as const)
    it(`of ${what} is that of who uses it`, () => {
      assert.equal(mainScript(environment, ["node", join(root, script), "first-argument.ts"]), expected);
    });

  for (const [what, script, environment] of [
    ["a child of a process of PM2, which inherits its environment", "app.js", { pm_exec_path: APP }],
    ["PM2 without what it tells", FORKED, {}],
    ["PM2 with something else in that variable", WORKER, { pm2_env: "{" }],
    ["a file without its extension", "app", {}],
  ] as const)
    it(`of ${what} is the one that Node was started with`, () => {
      assert.equal(mainScript(environment, ["node", join(root, script)]), join(root, script));
    });

  for (const [what, script, environment, expected] of [
    ["a forked process of PM2", FORKED, { pm_cwd: "/srv/shop" }, "/srv/shop"],
    [
      "a worker of PM2's cluster, at its start",
      WORKER,
      { pm2_env: JSON.stringify({ pm_cwd: "/srv/shop" }) },
      "/srv/shop",
    ],
    ["a worker of PM2's cluster, later", WORKER, { pm_cwd: "/srv/shop" }, "/srv/shop"],
    ["a child of a process of PM2, which inherits its environment", "app.js", { pm_cwd: "/srv/shop" }, process.cwd()],
    ["anything else", "app.js", {}, process.cwd()],
  ] as const)
    it(`of ${what} runs in ${expected}`, () => {
      assert.equal(workingFolder(environment, ["node", join(root, script)]), expected);
    });

  it("is not there with --eval and in the REPL", () => {
    assert.equal(mainScript({}, ["node"]), undefined);
    assert.equal(mainScript({}, ["node", ""]), undefined);
  });
});
