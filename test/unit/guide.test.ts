/** otel-config/README.md: that what it points to is there, and that what it has people type does what it says. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../support/app.ts";
import { otelRed } from "../support/cli/otel-red.ts";
import { OTEL_CONFIG, readConfig } from "../support/otel-config/files.ts";
import { commands, localLinks } from "../support/otel-config/guide.ts";

describe("otel-config/README.md", () => {
  it("points to what is there", () => {
    const links = localLinks();
    ok(links.length > 0);
    deepEqual(
      links.filter((link) => !existsSync(join(OTEL_CONFIG, link))),
      [],
    );
  });

  it("names files that are there", () => {
    const named = commands().flatMap((command) => command.match(/\botel-config\/[\w./-]+/g) ?? []);
    ok(named.length > 0);
    deepEqual(
      named.filter((path) => !existsSync(join(REPOSITORY, path))),
      [],
    );
  });

  it("runs scripts that package.json has", () => {
    const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as { scripts: object };
    const run = commands().flatMap((command) =>
      [...command.matchAll(/\bnpm run (\S+)/g)].map(([, script = ""]) => script),
    );
    ok(run.includes("quickstart"));
    for (const script of run) ok(script in scripts, script);
  });

  for (const command of commands().filter((line) => /^npx otel-red generate \w/.test(line)))
    it(command, () => {
      const args = command.replace(/ > .*/, "").split(" ").slice(2);
      const { exit, stdout, stderr } = otelRed(...args);
      equal(exit, 0, stderr);
      ok(stdout.length > 0);
    });

  it("refuses an objective that is no bound of a bucket, and proposes bounds that it takes", () => {
    const refused = otelRed("generate", "alerts", "--latency", "0.3");
    equal(refused.exit !== 0, true);
    const [, bounds = ""] =
      /^RED_DURATION_BUCKETS=(.+)$/m.exec(otelRed("generate", "buckets", "--latency", "0.3").stdout) ?? [];
    equal(otelRed("generate", "alerts", "--latency", "0.3", "--buckets", bounds).exit, 0, bounds);
  });

  it("says the objectives that the files are made for", () => {
    const [, availability, target, latency] =
      /Objectives: ([\d.]+) %.*; ([\d.]+) %.* ([\d.]+) s/.exec(readConfig("prometheus/alerts.yml")) ?? [];
    const said = readConfig("README.md").replaceAll("\n", " ");
    ok(said.includes(`${availability} % of the requests without a failure of the service's own`));
    ok(said.includes(`${target} % of the successful ones answered within ${latency} s`));
  });
});
