/**
 * What the containers of otel-config/compose.yaml run, run on this machine: the commands and environments of those of ours,
 * with the folder that they mount, and the ports, changed.
 */
import { equal } from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { REPOSITORY } from "../support/app.ts";
import { parseExposition, total } from "../support/exposition.ts";
import { freePort } from "../support/free-port.ts";
import { readYaml } from "../support/otel-config/files.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 30_000;

interface Service {
  readonly command: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: string };
}

interface Container {
  readonly process: ChildProcess;
  readonly stdout: () => string;
}

describe("the containers of otel-config/compose.yaml", function () {
  this.timeout(120_000);

  const [{ services }] = readYaml("compose.yaml") as [{ services: Readonly<Record<string, Service>> }];
  let changed: (text: string) => string;
  let metricsPort: number;
  let pagerPort: number;
  const running = new Map<string, Container>();

  function start(name: string): Container {
    const service = services[name];
    if (service === undefined) throw new Error(`compose.yaml has no ${name}`);
    const [, ...args] = service.command.split(" ").map(changed);
    const environment = Object.entries(service.environment ?? {}).map(([key, value]) => [key, changed(value)]);
    const child = spawn(process.execPath, args, {
      cwd: REPOSITORY,
      env: {
        PATH: process.env.PATH,
        OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
        ...Object.fromEntries(environment),
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
    });
    const container = { process: child, stdout: () => stdout };
    running.set(name, container);
    return container;
  }

  before(async () => {
    const shopPort = await freePort(0);
    metricsPort = await freePort(0);
    pagerPort = await freePort(0);
    changed = (text) =>
      text
        .replaceAll("/otel-red/", REPOSITORY)
        .replace(/\b8080\b/, String(shopPort))
        .replace(/\b5001\b/, String(pagerPort));
  });

  after(() => {
    for (const { process } of running.values()) process.kill("SIGKILL");
  });

  it("demo becomes healthy", async () => {
    start("demo");
    const [url = "no URL in the health check"] = /http:\S+/.exec(changed(services.demo?.healthcheck?.test ?? "")) ?? [];
    await until("an answer to the health check", DEADLINE_MS, async () => ((await fetch(url)).ok ? true : undefined));
  });

  it("load visits it, and its metrics are where prometheus.yml looks for them", async () => {
    start("load");
    await until("requests are counted", DEADLINE_MS, async () => {
      const { samples } = parseExposition(await (await fetch(`http://localhost:${metricsPort}/metrics`)).text());
      return total(samples, "http_requests_total", { service: "shop" }) > 20 ? true : undefined;
    });
  });

  it("pager says what Alertmanager sends", async () => {
    const pager = start("pager");
    const notification = {
      alerts: [
        {
          status: "firing",
          labels: { alertname: "RedServiceDown", severity: "critical" },
          annotations: { summary: "shop: gone" },
        },
      ],
    };
    await until("the pager takes it", DEADLINE_MS, async () => {
      const response = await fetch(`http://localhost:${pagerPort}`, {
        method: "POST",
        body: JSON.stringify(notification),
      });
      return response.ok || undefined;
    });
    await until("the pager says it", DEADLINE_MS, async () => pager.stdout() !== "" || undefined);
    equal(pager.stdout(), "FIRING critical RedServiceDown, shop: gone\n");
  });

  for (const name of ["load", "demo", "pager"])
    it(`${name} ends when it is asked to`, async () => {
      const child = running.get(name)?.process as ChildProcess;
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      equal((await exited)[0], 0);
    });
});
