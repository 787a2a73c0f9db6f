/**
 * The demo as a whole, with a stand-in for the preload that serves a fixed text as /metrics: what it says and returns
 * when that text is right, wrong, or not there. The real preload is held against it by `npm run demo` itself.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { type DemoOptions, demo } from "../apps/demo/demo.ts";
import { freePort } from "../support/free-port.ts";
import { until } from "../support/until.ts";

const MAIN = fileURLToPath(new URL("../apps/demo/main.ts", import.meta.url));
const LABELS = 'method="GET",path="/api/orders/:id",status_code="404",service="shop"';

describe("the demo", function () {
  this.timeout(30_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "otel-red-demo-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("agrees with a /metrics that is right, and shows it", async () => {
    const { agreed, said } = await run(expositionOf(2));
    assert.equal(agreed, true, said);
    assert.match(said, /GET +\/api\/orders\/:id +2 +[\d.]+ +2 +100\.0 % +50\.0 ms +95\.0 ms +99\.0 ms +0 +0/);
    assert.match(said, /agree with \/metrics to the last request: 2 requests, of them 2 errors/);
  });

  it("does not agree with a /metrics that is wrong, and says where", async () => {
    const { agreed, said } = await run(expositionOf(3));
    assert.equal(agreed, false, said);
    assert.match(said, /http_requests_total\{.*\}: 3 in \/metrics, 2 in the client's books/);
    assert.doesNotMatch(said, /agree with \/metrics to the last request/);
  });

  it("takes another port where its own is taken, and says so", async () => {
    const { server, port } = await listening();
    try {
      assert.notEqual(await freePort(port), port);
      const { agreed, said } = await run(expositionOf(2), { preferredPort: port });
      assert.equal(agreed, true, said);
      assert.match(said, new RegExp(`Port ${port} is taken: its metrics are on \\d+ this time`));
    } finally {
      server.close();
    }
  });

  it("stays until it is interrupted, and returns its result then", async () => {
    const interruption = new AbortController();
    const { agreed, said } = await run(expositionOf(2), {
      stay: true,
      interrupted: interruption.signal,
      heard: (text) => {
        if (text.startsWith("The shop stays")) interruption.abort();
      },
    });
    assert.equal(agreed, true, said);
    assert.match(
      said,
      /The shop stays: http:\/\/127\.0\.0\.1:\d+\/products and http:\/\/localhost:\d+\/metrics\. Ctrl-C ends it\./,
    );
  });

  it("stops the shop when it is interrupted before there is a result", async () => {
    const reason = new Error("Ctrl-C");
    await assert.rejects(run("", { interrupted: AbortSignal.abort(reason) }), reason);
  });

  for (const [what, script, expected] of [
    ["the shop does not come up", "process.exit(3)", /^Error: the shop ended with code 3 before it listened$/],
    ["the shop dies", serving("process.exit(4)"), /^Error: the shop ended by itself with code 4$/],
  ] as const) {
    it(`fails where ${what}`, async () => {
      await assert.rejects(run("", { script }), (error) => {
        assert.match(String(error), expected);
        return true;
      });
    });
  }

  it("fails where nothing was built", async () => {
    const preload = join(folder, "register.cjs");
    await assert.rejects(demo({ ...(await options("", () => {})), preload }), {
      message: `${preload} is missing: "npm run build" makes it`,
    });
  });

  for (const argument of ["--sty", "--stay=yes", "stay"]) {
    it(`${argument}: one line of usage, and code 2`, () => {
      const { status, stderr, stdout } = spawnSync(process.execPath, [MAIN, argument], { encoding: "utf8" });
      assert.deepEqual([status, stdout], [2, ""]);
      assert.match(stderr, /^usage: npm run demo \[-- --stay\].*\n$/);
    });
  }

  for (const port of ["0", "65536", "http"]) {
    it(`OTEL_EXPORTER_PROMETHEUS_PORT=${port}: one line of usage, and code 2`, () => {
      const { status, stderr } = spawnSync(process.execPath, [MAIN], {
        encoding: "utf8",
        env: { ...process.env, OTEL_EXPORTER_PROMETHEUS_PORT: port },
      });
      assert.equal(status, 2);
      assert.match(stderr, /^usage: .*\n$/);
    });
  }

  interface Run {
    readonly agreed: boolean;
    /** All that was printed. */
    readonly said: string;
  }

  async function run(
    exposition: string,
    {
      script = serving(`response.setHeader("connection", "close").end(${JSON.stringify(exposition)})`),
      heard,
      ...others
    }: Partial<DemoOptions> & { script?: string; heard?: (text: string) => void } = {},
  ): Promise<Run> {
    const said: string[] = [];
    const print = (text: string) => {
      said.push(stripVTControlCharacters(text));
      heard?.(text);
    };
    const agreed = await demo({ ...(await options(script, print)), ...others });
    return { agreed, said: said.join("\n") };
  }

  /** Two visitors who ask for an order that there is not. */
  async function options(script: string, print: (text: string) => void): Promise<DemoOptions> {
    const preload = join(folder, "preload.cjs");
    writeFileSync(preload, script);
    const { server, port } = await listening();
    server.close();
    return {
      preload,
      preferredPort: port,
      visitors: { stranger: 2 },
      stay: false,
      interrupted: new AbortController().signal,
      print,
    };
  }
});

async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

/** A preload that answers on the port for /metrics, and leaves the process alone otherwise. */
function serving(answer: string): string {
  return `require("node:http").createServer((request, response) => ${answer}).listen(process.env.OTEL_EXPORTER_PROMETHEUS_PORT, "127.0.0.1").unref();`;
}

function expositionOf(count: number): string {
  return `# TYPE http_requests_total counter
http_requests_total{${LABELS}} ${count}
# TYPE http_errors_total counter
http_errors_total{${LABELS}} ${count}
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{${LABELS},le="0.1"} ${count}
http_request_duration_seconds_bucket{${LABELS},le="+Inf"} ${count}
http_request_duration_seconds_sum{${LABELS}} 0.1
http_request_duration_seconds_count{${LABELS}} ${count}
# TYPE otel_red_requests_excluded_total counter
otel_red_requests_excluded_total 0
`;
}

describe("until", () => {
  it("says what did not come in time, and why", async () => {
    const cause = new Error("not yet");
    await assert.rejects(
      until("a miracle", 60, () => Promise.reject(cause)),
      { message: "a miracle: not within 0.06 s", cause },
    );
  });

  it("polls until there is a value", async () => {
    let polled = 0;
    assert.equal(await until("three", 5_000, async () => (++polled === 3 ? polled : undefined)), 3);
  });

  it("ends with its signal", async () => {
    await assert.rejects(
      until("nothing", 5_000, async () => undefined, AbortSignal.abort()),
      { name: "AbortError" },
    );
  });
});
