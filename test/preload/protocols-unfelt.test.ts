/** What an application on HTTP/2 and WebSocket can see of us: nothing but some listeners, and its process ends as ever. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { REGISTER, REPOSITORY } from "../support/app.ts";
import { nodeBinary } from "../support/node-versions.ts";
import { run } from "../support/run.ts";

const MIRROR = join(REPOSITORY, "test/apps/protocols/mirror.mjs");
const NOTHING = join(REPOSITORY, "test/apps/harm/nothing.cjs");

type Counts = Readonly<Record<string, number>>;
interface Seen {
  readonly streamed: string;
  readonly heard: string;
  /** Listeners of the servers, and of a socket as it is upgraded; one that has become a WebSocket's is as without us. */
  readonly http: Counts;
  readonly http2: Counts;
  readonly upgrade: { readonly listeners: Counts };
}

async function look(command: string, preload: string): Promise<Seen> {
  const env = { OTEL_EXPORTER_PROMETHEUS_PORT: "0" };
  const { exit, stdout, stderr } = await run({ command, args: [MIRROR], flags: ["--require", preload], env });
  assert.deepEqual([exit, stderr], [0, ""]);
  return JSON.parse(stdout);
}

function plus(counts: Counts, ours: Counts): Counts {
  return {
    ...counts,
    ...Object.fromEntries(Object.entries(ours).map(([event, more]) => [event, (counts[event] ?? 0) + more])),
  };
}

describe("an application on HTTP/2 and WebSocket", function () {
  // npm downloads what is not there yet
  this.timeout(200_000);

  for (const version of ["20.19.0", "22", "24", "26"]) {
    it(`sees our listeners, and nothing else, on Node.js ${version}`, async () => {
      const node = await nodeBinary(version);
      const [without, under] = await Promise.all([look(node, NOTHING), look(node, REGISTER)]);
      assert.deepEqual([without.streamed, without.heard], ["streamed", "heard hello"]);
      assert.deepEqual(under, {
        ...without,
        http: plus(without.http, { connection: 1, newListener: 1, removeListener: 1, upgrade: 1 }),
        http2: plus(without.http2, { session: 1 }),
        upgrade: { ...without.upgrade, listeners: plus(without.upgrade.listeners, { close: 1, timeout: 1 }) },
      });
    });
  }
});
