/** `service.instance.id` of the processes and threads of one pod: another one for each, and the same after a restart. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { REPOSITORY, startApp } from "../support/app.ts";
import { parseExports } from "../support/otlp-json.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../support/servers/otlp-receiver.ts";
import { until } from "../support/until.ts";

const APPS = join(REPOSITORY, "test/apps/standing-aside");
const DEADLINE_MS = 30_000;

describe("service.instance.id in a pod", () => {
  if (process.platform !== "linux") return;
  let receiver: OtlpReceiver;
  beforeEach(async () => {
    receiver = await startOtlpReceiver();
  });
  afterEach(() => receiver.stop());

  /** Of all that export while the application runs. */
  async function idsOf(args: readonly string[], count: number, pod: string): Promise<string[]> {
    const before = receiver.received.length;
    const app = await startApp({
      args: [join(APPS, args[0] as string), ...args.slice(1)],
      env: {
        OTEL_METRICS_EXPORTER: "prometheus,otlp",
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_METRIC_EXPORT_INTERVAL: "100",
        KUBERNETES_SERVICE_HOST: "10.96.0.1",
        POD_UID: pod,
      },
    });
    try {
      return await until(`${count} processes have exported`, DEADLINE_MS, async () => {
        const exports = receiver.received.slice(before).flatMap(({ body }) => parseExports(`${body}\n`));
        const ids = new Set(exports.map(({ resource }) => resource["service.instance.id"] ?? ""));
        return ids.size >= count ? [...ids].sort() : undefined;
      });
    } finally {
      await app.stop();
    }
  }

  for (const [what, args] of [
    ["workers of a cluster", ["cluster.cjs"]],
    ["threads", ["threads.cjs"]],
  ] as const) {
    it(`${what}: each has its own, and the same ones after a restart`, async () => {
      const pod = randomUUID();
      const ids = await idsOf(args, 2, pod);
      assert.equal(ids.length, 2);
      assert.deepEqual(await idsOf(args, 2, pod), ids);
      const others = await idsOf(args, 2, randomUUID());
      assert.equal(new Set([...ids, ...others]).size, 4);
    });
  }
});
