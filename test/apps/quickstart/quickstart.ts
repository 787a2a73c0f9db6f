/** The course of the quick start: the shop and its visitors, watched by Prometheus and Alertmanager with the files of otel-config/. */
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyConfig, onPorts } from "../../support/otel-config/copy.ts";
import { ALERTMANAGER, startAlertmanager } from "../../support/servers/alertmanager.ts";
import { PROMETHEUS, startPrometheusWith } from "../../support/servers/prometheus.ts";
import { requireProgram } from "../../support/servers/server-process.ts";
import { spellNotification, startPager } from "../demo/pager.ts";
import { startShop } from "../demo/shop-process.ts";
import { keepVisiting } from "../demo/steady-load.ts";
import { type Ports, USUAL_PORTS } from "./ports.ts";
import { goodbye, introduction } from "./presentation.ts";

export interface QuickstartOptions {
  /** Path of the script for `node --require`. */
  readonly preload: string;
  readonly ports: Ports;
  /** Ends it. */
  readonly interrupted: AbortSignal;
  readonly print: (text: string) => void;
}

/**
 * Runs until it is interrupted, and ends all that it started however it goes.
 *
 * @throws Error where the preload or a program is missing, and where one of the processes does not start or ends by itself.
 */
export async function quickstart({ preload, ports, interrupted, print }: QuickstartOptions): Promise<void> {
  if (!existsSync(preload)) throw new Error(`${preload} is missing: "npm run build" makes it`);
  for (const program of [PROMETHEUS, ALERTMANAGER]) requireProgram(program);

  const folder = mkdtempSync(join(tmpdir(), "otel-red-quickstart-"));
  const moved = onPorts(
    Object.fromEntries(Object.entries(USUAL_PORTS).map(([name, usual]) => [usual, ports[name as keyof Ports]])),
  );
  for (const part of ["prometheus", "alertmanager"]) copyConfig(part, join(folder, part), moved);

  const started: { stop(): Promise<void> }[] = [];
  async function start<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
    const service = await starting;
    started.push(service);
    return service;
  }
  const over = new AbortController();
  try {
    await start(startPager(ports.pager, (notification) => print(spellNotification(notification))));
    const shop = await start(startShop(["--require", preload], environment(ports.metrics)));
    const alertmanager = await start(
      startAlertmanager(join(folder, "alertmanager/alertmanager.yml"), `127.0.0.1:${ports.alertmanager}`),
    );
    const prometheus = await start(
      startPrometheusWith(join(folder, "prometheus/prometheus.yml"), `127.0.0.1:${ports.prometheus}`),
    );
    print(introduction(shop.address, ports, await pagesOf(prometheus.url)));
    const visited = keepVisiting({ address: shop.address, signal: over.signal }).then(() => {
      if (!over.signal.aborted) print(goodbye());
    });
    await Promise.race([
      aborted(interrupted),
      visited.then(() => aborted(interrupted)),
      endedByItself("the shop", shop.exited),
      endedByItself("Alertmanager", alertmanager.exited),
      endedByItself("Prometheus", prometheus.exited),
    ]);
  } finally {
    over.abort(); // whoever is still in the shop leaves now
    // none is left running because another does not end as it should; who does not end at all is killed
    await Promise.allSettled(started.map((service) => service.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Debian's Prometheus has only its older pages, under `/classic`; newer ones have only the newer. */
async function pagesOf(prometheusUrl: string): Promise<string> {
  const { ok } = await fetch(`${prometheusUrl}/alerts`);
  return ok ? "" : "/classic";
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

async function endedByItself(who: string, exited: Promise<string>): Promise<never> {
  throw new Error(`${who} ended by itself: ${await exited}`);
}

/** What the caller has set for OpenTelemetry would change what there is to see. */
function environment(metricsPort: number): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL|RED)_/.test(name));
  return { ...Object.fromEntries(inherited), PORT: "0", OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort) };
}
