/**
 * Both instrumentations in this very process, with a real server: the same requests give the same snapshot, and with `stock`
 * the measurement and the spans are instrumentation-http's.
 */
import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Span, type Tracer, type TracerProvider, trace } from "@opentelemetry/api";
import { ExcludedPaths } from "../../src/instrumentation/http/excluded-paths.ts";
import { Exemplars } from "../../src/instrumentation/http/exemplars.ts";
import { ServerRequests } from "../../src/instrumentation/http/server-requests.ts";
import {
  LightInstrumentation,
  type MeasuredRequests,
  type RedInstrumentation,
} from "../../src/instrumentation/light.ts";
import type { PathLabels } from "../../src/instrumentation/routes/path-labels.ts";
import { StockInstrumentation } from "../../src/instrumentation/stock.ts";
import { LabelSets, type Operation } from "../../src/view/label-sets.ts";
import { METHODS } from "../../src/view/methods.ts";
import { DEFAULT_DURATION_BUCKETS, type RedView, redView } from "../../src/view/red.ts";
import { type RedSnapshot, requestCount, stride } from "../../src/view/snapshot.ts";
import { get, Wire } from "../support/books/wire.ts";
import { until } from "../support/until.ts";

const handle: RequestListener = (req, res) => {
  if (req.url === "/slow") return;
  if (req.url === "/cut") {
    res.writeHead(500).write("some of it");
    return;
  }
  res.writeHead(req.url === "/missing" ? 404 : 200).end("ok");
};

function nameOf({ methodIndex, path }: Operation): string {
  return `${METHODS[methodIndex]} ${path.value}`;
}

/** What a snapshot says, but for the durations. */
function summary(snapshot: RedSnapshot) {
  const labelSets = snapshot.labelSets.slice(0, snapshot.count);
  const operations = snapshot.operations.slice(0, snapshot.active.length);
  return {
    counts: Object.fromEntries(
      labelSets.map(({ index, statusCode, operation }) => [
        `${statusCode} ${nameOf(operation)}`,
        requestCount(snapshot, index),
      ]),
    ),
    active: Object.fromEntries(operations.map((operation, index) => [nameOf(operation), snapshot.active[index]])),
    aborted: Object.fromEntries(operations.map((operation, index) => [nameOf(operation), snapshot.aborted[index]])),
    excluded: snapshot.excluded,
    spent: snapshot.spent,
    boundaries: snapshot.boundaries,
  };
}

const INSTRUMENTATIONS: Readonly<Record<string, (view: RedView, options: MeasuredRequests) => RedInstrumentation>> = {
  light: (view, options) => new LightInstrumentation(view, options),
  stock: (view, options) => new StockInstrumentation(view, options, ServerRequests),
};

for (const [name, create] of Object.entries(INSTRUMENTATIONS)) {
  describe(`${name}, in this process`, () => {
    let instrumentation: RedInstrumentation;
    let server: Server;
    let failures: unknown[];

    before(async () => {
      server = createServer(handle).listen(0, "127.0.0.1");
      await once(server, "listening");
    });
    after(() => {
      server.closeAllConnections();
      server.close();
    });

    beforeEach(() => {
      failures = [];
      const view = redView({
        service: "shop",
        pathLabel: "path",
        durationBuckets: DEFAULT_DURATION_BUCKETS,
        maxLabelSets: 100,
      });
      const labelSets = new LabelSets(100, view.attributesProcessors[0]);
      const labelOf = ({ target }: { target: string }) => labelSets.template(target);
      instrumentation = create(view, {
        labelSets,
        pathLabels: { ended: labelOf, inFlight: labelOf } as unknown as PathLabels,
        excludedPaths: new ExcludedPaths(["/health"]),
        exemplars: new Exemplars([1], "trace_based"),
        now: () => performance.now(),
        onFirstRequest: () => {},
        onFirstSession: () => {},
        onFailure: (error) => failures.push(error),
      });
    });
    afterEach(() => {
      instrumentation.disable();
      assert.deepEqual(failures, []);
    });

    const open = () => Wire.open((server.address() as AddressInfo).port);

    async function traffic(): Promise<void> {
      const [wire, slow, cut, leaving] = await Promise.all([open(), open(), open(), open()]);
      await wire.send(get("/") + get("/") + get("/missing", "POST") + get("/health"));
      await slow.send(get("/slow"));
      await cut.send(get("/cut"));
      await leaving.send(get("/") + get("/slow", "PUT"));
      await wire.receives("ok", 4);
      await cut.receives("some of it");
      await leaving.receives("ok");
      await Promise.all([wire.leave(), cut.leave(), leaving.leave()]);
    }

    it("the same requests, the same snapshot", async () => {
      instrumentation.enable();
      await traffic();
      const expected = {
        counts: { "200 GET /": 3, "404 POST /missing": 1, "500 GET /cut": 1, "499 PUT /slow": 1 },
        active: { "GET /": 0, "POST /missing": 0, "GET /cut": 0, "PUT /slow": 0, "GET /slow": 1 },
        aborted: { "GET /": 0, "POST /missing": 0, "GET /cut": 1, "PUT /slow": 1, "GET /slow": 0 },
        excluded: 1,
        spent: 5,
        boundaries: [...DEFAULT_DURATION_BUCKETS],
      };
      await until("all is counted", 5000, async () => {
        const { counts } = summary(await instrumentation.snapshot());
        return Object.values(counts).reduce((sum, count) => sum + count, 0) === 6 ? true : undefined;
      });
      assert.deepEqual(summary(await instrumentation.snapshot()), expected);
    });

    it("a request that ends is in flight or counted, at any moment", async () => {
      instrumentation.enable();
      const taken: Promise<RedSnapshot>[] = [];
      const take = () => void taken.push(Promise.resolve(instrumentation.snapshot()));
      subscribe("http.server.response.finish", take);
      try {
        const wire = await open();
        // without a Host header Node answers by itself, and instrumentation-http sees nothing of it
        await wire.send("GET /no-host HTTP/1.1\r\n\r\n");
        await wire.closed;
      } finally {
        unsubscribe("http.server.response.finish", take);
      }
      const [snapshot, ...others] = await Promise.all(taken);
      assert.deepEqual(others, []);
      const { counts, active } = summary(snapshot as RedSnapshot);
      assert.equal((counts["400 GET /no-host"] ?? 0) + (active["GET /no-host"] ?? 0), 1);
    });

    it("a snapshot of nothing", async () => {
      instrumentation.enable();
      const snapshot = await instrumentation.snapshot();
      assert.deepEqual(
        { ...summary(snapshot), values: snapshot.values.length, count: snapshot.count },
        {
          counts: {},
          active: {},
          aborted: {},
          excluded: 0,
          spent: 0,
          boundaries: [...DEFAULT_DURATION_BUCKETS],
          values: 0,
          count: 0,
        },
      );
      assert.ok(snapshot.takenAtMs >= snapshot.startedAtMs);
    });

    it("nothing is counted before it is enabled, nor after it is disabled", async () => {
      await traffic();
      instrumentation.enable();
      instrumentation.disable();
      await traffic();
      const { counts, active, excluded } = summary(await instrumentation.snapshot());
      assert.deepEqual({ counts, active, excluded }, { counts: {}, active: {}, excluded: 0 });
    });

    it("is an Instrumentation, by its name and version", () => {
      assert.match(instrumentation.instrumentationName, /^(otel-red\/light|@opentelemetry\/instrumentation-http)$/);
      assert.match(instrumentation.instrumentationVersion, /^\d+\.\d+\.\d+/);
      assert.equal(typeof instrumentation.getConfig(), "object");
    });

    it("keeps its own meter: the measurements do not go to another", async () => {
      instrumentation.setMeterProvider({ getMeter: () => assert.fail("asked for a meter") });
      instrumentation.enable();
      const wire = await open();
      await wire.send(get("/"));
      await wire.receives("ok");
      await wire.leave();
      const snapshot = await until("it is counted", 5000, async () => {
        const snapshot = await instrumentation.snapshot();
        return snapshot.count > 0 && requestCount(snapshot, 0) === 1 ? snapshot : undefined;
      });
      assert.equal(snapshot.values.length, stride(snapshot.boundaries));
    });
  });
}

describe("stock", () => {
  it("gives spans to whatever tracer there is", async () => {
    const view = redView({ service: "shop", pathLabel: "path", durationBuckets: [1], maxLabelSets: 100 });
    const labelSets = new LabelSets(100, view.attributesProcessors[0]);
    const labelOf = () => labelSets.template("/");
    const instrumentation = new StockInstrumentation(
      view,
      {
        labelSets,
        pathLabels: { ended: labelOf, inFlight: labelOf } as unknown as PathLabels,
        excludedPaths: new ExcludedPaths([]),
        exemplars: new Exemplars([1], "trace_based"),
        now: () => performance.now(),
        onFirstRequest: () => {},
        onFirstSession: () => {},
        onFailure: (error) => assert.fail(String(error)),
      },
      ServerRequests,
    );
    const spans: string[] = [];
    const tracer = {
      startSpan(name: string): Span {
        spans.push(name);
        return trace.wrapSpanContext({ traceId: "1".repeat(32), spanId: "1".repeat(16), traceFlags: 0 });
      },
    } as Tracer;
    instrumentation.setTracerProvider({ getTracer: () => tracer } satisfies TracerProvider);
    instrumentation.setConfig(instrumentation.getConfig());
    instrumentation.enable();
    const server = createServer(handle).listen(0, "127.0.0.1");
    try {
      await once(server, "listening");
      const wire = await Wire.open((server.address() as AddressInfo).port);
      await wire.send(get("/"));
      await wire.receives("ok");
      await wire.leave();
      assert.deepEqual(spans, ["GET"]);
    } finally {
      instrumentation.disable();
      server.close();
    }
  });
});
