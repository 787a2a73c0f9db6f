/** Who gets the endpoint's port, while another SDK is given its head start. */
import assert from "node:assert/strict";
import { readConfig } from "../../src/config/read-config.ts";
import { EndpointPort } from "../../src/endpoint-port.ts";

const API = Symbol.for("opentelemetry.js.api.1");
type WithApi = { [API]?: { metrics: object } | undefined };

describe("the endpoint's port, beside an SDK of the application's", () => {
  const before = (globalThis as WithApi)[API];
  beforeEach(() => {
    (globalThis as WithApi)[API] = { metrics: {} };
  });
  afterEach(() => {
    (globalThis as WithApi)[API] = before;
  });

  it("is not opened any more where the application has asked for it meanwhile", async () => {
    const opened: number[] = [];
    let givenUp = 0;
    const log = { error() {}, warn() {}, info() {} };
    const port = new EndpointPort(
      readConfig({}, undefined),
      log,
      () => givenUp++,
      (error) => assert.fail(String(error)),
    );
    const watch = port.watch();
    const opening = { url: undefined, port: 0, openEndpoint: async (at: number) => void opened.push(at) };
    const open = port.open(opening);
    const { channel } = await import("node:diagnostics_channel");
    const server = { listeners: () => [] };
    channel("tracing:net.server.listen:asyncStart").publish({ server, options: { port: 9464 } });
    await open;
    watch.stop();
    assert.deepEqual([opened, givenUp], [[], 1]);
  });
});
