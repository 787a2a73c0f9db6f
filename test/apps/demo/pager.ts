/**
 * What wakes somebody at night: takes Alertmanager's notifications and says each in a line.
 *
 * `node pager.ts 5001` is the receiver in otel-config/compose.yaml; the quick start and the tests have the same in their own process.
 * Shape of a notification: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

export interface Alert {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Notification {
  /** `firing` as long as one of the alerts is. */
  readonly status: "firing" | "resolved";
  /** Of the group that it is about: a later notification with the same key is news of the same incident. */
  readonly groupKey: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly Alert[];
}

export interface Pager {
  readonly port: number;
  stop(): Promise<void>;
}

/** @param port 0: any free one. */
export async function startPager(port: number, receive: (notification: Notification) => void): Promise<Pager> {
  const server = createServer(async (request, response) => {
    try {
      receive((await json(request)) as Notification);
      response.end();
    } catch (error) {
      response.writeHead(400).end(String(error));
    }
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** `FIRING critical RedServiceDown, shop: none of its 2 targets can be scraped`, a line for each alert. */
export function spellNotification({ alerts }: Notification): string {
  return alerts
    .map(
      ({ status, labels: { severity = "", alertname = "" }, annotations: { summary = "" } }) =>
        `${status.toUpperCase()} ${severity} ${alertname}, ${summary}`,
    )
    .join("\n");
}

if (import.meta.main) {
  const port = Number(process.argv[2]);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    console.error("usage: node pager.ts 5001");
    process.exit(2);
  }
  const pager = await startPager(port, (notification) => console.log(spellNotification(notification)));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => pager.stop());
}
