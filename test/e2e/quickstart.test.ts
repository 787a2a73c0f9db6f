/** `npm run quickstart` as a process: what it starts, and that nothing of it is left. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { run } from "../support/run.ts";
import { until } from "../support/until.ts";

const MAIN = fileURLToPath(new URL("../apps/quickstart/main.ts", import.meta.url));
const DEADLINE_MS = 90_000;

describe("npm run quickstart", function () {
  this.timeout(240_000);

  it("watches the shop with the files of otel-config, until Ctrl-C", async () => {
    const child = spawn(process.execPath, [MAIN], { stdio: ["ignore", "pipe", "pipe"] });
    const exited = once(child, "close");
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
    const url = (name: string) => new RegExp(`^ +${name} +(http://[\\w.]+:\\d+)`, "m").exec(said)?.[1] ?? `no ${name}`;
    const get = async <T>(server: string, path: string) => (await (await fetch(url(server) + path)).json()) as T;
    try {
      await until(`it says what it has started: ${said}`, DEADLINE_MS, async () => {
        equal(child.exitCode, null, said);
        return /Ctrl-C ends it/.test(said) || undefined;
      });
      for (const [link = ""] of said.matchAll(/http:\S+/g)) equal((await fetch(link)).status, 200, link);

      const question = new URLSearchParams({ query: 'up{job="otel-red"} == 1' });
      await until("Prometheus has scraped the shop", DEADLINE_MS, async () => {
        const { data } = await get<{ data: { result: unknown[] } }>("Prometheus", `/api/v1/query?${question}`);
        return data.result.length === 1 || undefined;
      });
      const { data } = await get<{ data: { groups: { rules: { name: string }[] }[] } }>("Prometheus", "/api/v1/rules");
      const rules = data.groups.flatMap((group) => group.rules.map(({ name }) => name));
      for (const rule of ["service:http_requests:rate5m", "RedAvailabilityBudgetBurn"]) ok(rules.includes(rule), rule);
      // found for itself: not when the targets are
      const found = await until("Prometheus has found Alertmanager", DEADLINE_MS, async () => {
        const { data } = await get<{ data: { activeAlertmanagers: { url: string }[] } }>(
          "Prometheus",
          "/api/v1/alertmanagers",
        );
        return data.activeAlertmanagers.length > 0 ? data.activeAlertmanagers : undefined;
      });
      deepEqual(
        found.map((alertmanager) => new URL(alertmanager.url).origin),
        [url("Alertmanager")],
      );
    } finally {
      child.kill("SIGINT");
    }
    deepEqual(await exited, [0, null], said);
    for (const server of ["shop", "its metrics", "Prometheus", "Alertmanager"]) await rejects(fetch(url(server)));
  });

  it("says in one line what to install, where that is missing", async () => {
    const { exit, stdout, stderr } = await run({ args: [MAIN], env: { PATH: "/nowhere" } });
    equal(exit, 1);
    equal(stdout, "");
    match(stderr, /^quickstart: prometheus is not installed; install it with: .*apt-get install .*prometheus\n$/);
  });

  it("takes no arguments", async () => {
    deepEqual(await run({ args: [MAIN, "--help"] }), { exit: 2, stdout: "", stderr: "usage: npm run quickstart\n" });
  });
});
