/** Each variable of the specification that an OTLP exporter reads, as a real receiver sees it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { FAMILIES } from "../../src/view/red.ts";
import { type App, REPOSITORY, startApp } from "../support/app.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { type GrpcReceiver, startGrpcReceiver } from "../support/servers/grpc-receiver.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../support/servers/otlp-receiver.ts";
import { until } from "../support/until.ts";

const SERVER = join(REPOSITORY, "test/apps/otlp/server.cjs");
const DEADLINE_MS = 15_000;
const METRICS_SERVICE = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

const start = (env: NodeJS.ProcessEnv) =>
  startApp({
    args: [SERVER],
    expectsMetrics: false,
    env: { OTEL_METRICS_EXPORTER: "otlp", OTEL_METRIC_EXPORT_INTERVAL: "100", OTEL_LOG_LEVEL: "warn", ...env },
  });

const arrived = <T>({ received }: { readonly received: readonly T[] }, count = 1): Promise<readonly T[]> =>
  until(`${count} exports`, DEADLINE_MS, async () => (received.length >= count ? received : undefined));

const says = (app: App, what: RegExp) =>
  until(`stderr has ${what}`, DEADLINE_MS, async () => what.test(app.stderr()) || undefined);

/** The variables for all signals, and those for metrics alone, which win. */
const PREFIXES = ["OTEL_EXPORTER_OTLP", "OTEL_EXPORTER_OTLP_METRICS"] as const;

describe("OTEL_EXPORTER_OTLP_*: over http/protobuf", () => {
  let receiver: OtlpReceiver;
  beforeEach(async () => {
    receiver = await startOtlpReceiver();
  });
  afterEach(() => receiver.stop());

  for (const [variable, path, url] of [
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "", "/v1/metrics"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "/", "/v1/metrics"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "/base", "/base/v1/metrics"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "/base/", "/base/v1/metrics"],
    ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "", "/"],
    ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "/as/it/is", "/as/it/is"],
  ] as const) {
    it(`${variable}=http://collector:4318${path}: to ${url}`, async () => {
      const app = await start({ [variable]: receiver.url + path });
      try {
        const [first] = await arrived(receiver);
        assert.equal(first?.url, url);
        assert.ok(first.body.includes(FAMILIES.labelSets.name), "it carries metrics");
        assert.equal(app.stderr(), "");
      } finally {
        await app.stop();
      }
    });
  }

  for (const prefix of PREFIXES) {
    it(`${prefix}_TIMEOUT: a collector that hangs is given up on after it`, async () => {
      receiver.answer = undefined;
      const app = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, [`${prefix}_TIMEOUT`]: "300" });
      try {
        await arrived(receiver);
        const startedAtMs = performance.now();
        await says(app, / fail: Request timed out\. /);
        const tookMs = performance.now() - startedAtMs;
        assert.ok(tookMs < 9000, `the default is 10 s: ${tookMs} ms`);
      } finally {
        await app.stop();
      }
    });
  }

  it("OTEL_METRIC_EXPORT_TIMEOUT: the next export does not wait for one that takes longer", async () => {
    receiver.answer = undefined;
    const app = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_METRIC_EXPORT_TIMEOUT: "50" });
    try {
      await arrived(receiver, 3);
    } finally {
      await app.stop();
    }
  });

  it("bad intervals, endpoints and protocols: a warning each that says what is accepted, and the defaults", async () => {
    const app = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318",
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "http",
      OTEL_METRIC_EXPORT_TIMEOUT: "30s",
    });
    try {
      const [first] = await arrived(receiver);
      assert.equal(first?.headers["content-type"], "application/x-protobuf");
      assert.deepEqual(app.stderr().split("\n"), [
        'otel-red: OTEL_METRIC_EXPORT_TIMEOUT="30s" is not accepted: expected an integer from 1 to 2147483647; using 30000',
        'otel-red: OTEL_EXPORTER_OTLP_METRICS_PROTOCOL="http" is not accepted: expected grpc, http/protobuf or http/json; using http/protobuf',
        'otel-red: OTEL_EXPORTER_OTLP_ENDPOINT="collector:4318" is not accepted: expected a URL that begins with http:// or https://; using http://localhost:4318',
        "",
      ]);
    } finally {
      await app.stop();
    }
  });
});

describe("OTEL_EXPORTER_OTLP_*: over http/protobuf and TLS", () => {
  let certificates: Certificates;
  let receiver: OtlpReceiver;
  before(async () => {
    certificates = makeCertificates();
    receiver = await startOtlpReceiver(0, certificates);
  });
  after(async () => {
    await receiver?.stop();
    certificates?.remove();
  });

  for (const prefix of PREFIXES) {
    it(`${prefix}_CERTIFICATE, _CLIENT_CERTIFICATE, _CLIENT_KEY: it is let in`, async () => {
      const app = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...credentials(prefix, certificates) });
      try {
        await arrived(receiver, receiver.received.length + 1);
        assert.equal(app.stderr(), "");
      } finally {
        await app.stop();
      }
    });
  }

  for (const missing of ["_CERTIFICATE", "_CLIENT_CERTIFICATE"]) {
    it(`without ${missing}: a line, and the application goes on`, async () => {
      const env = { ...credentials("OTEL_EXPORTER_OTLP", certificates), [`OTEL_EXPORTER_OTLP${missing}`]: "" };
      const app = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env });
      try {
        await says(app, /^otel-red: exports to https:[^\n]* fail: [^\n]*\n$/);
        assert.equal((await fetch(`${app.url}/users/1`)).status, 200);
      } finally {
        await app.stop();
      }
    });
  }
});

function credentials(prefix: string, { ca, client }: Certificates): NodeJS.ProcessEnv {
  return {
    [`${prefix}_CERTIFICATE`]: ca,
    [`${prefix}_CLIENT_CERTIFICATE`]: client.cert,
    [`${prefix}_CLIENT_KEY`]: client.key,
  };
}

describe("OTEL_EXPORTER_OTLP_*: over gRPC", () => {
  const GRPC = { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" };
  let certificates: Certificates;
  let plain: GrpcReceiver;
  let secure: GrpcReceiver;
  before(() => {
    certificates = makeCertificates();
  });
  beforeEach(async () => {
    plain = await startGrpcReceiver();
    secure = await startGrpcReceiver(certificates);
  });
  afterEach(() => Promise.all([plain.stop(), secure.stop()]));
  after(() => certificates.remove());

  for (const { env, headers } of [
    { env: {}, headers: { "content-type": "application/grpc", "grpc-encoding": undefined } },
    ...PREFIXES.map((prefix) => ({ env: { [`${prefix}_COMPRESSION`]: "gzip" }, headers: { "grpc-encoding": "gzip" } })),
    {
      env: {
        OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=a,x-key=1%2B1",
        OTEL_EXPORTER_OTLP_METRICS_HEADERS: "x-tenant=metrics",
      },
      headers: { "x-tenant": "metrics", "x-key": "1+1" },
    },
  ] as { env: NodeJS.ProcessEnv; headers: Record<string, string | undefined> }[]) {
    it(`${JSON.stringify(env)}: ${JSON.stringify(headers)}`, async () => {
      const app = await start({ ...GRPC, OTEL_EXPORTER_OTLP_ENDPOINT: `http://${plain.address}`, ...env });
      try {
        const [first] = await arrived(plain);
        assert.equal(first?.path, METRICS_SERVICE);
        for (const [name, value] of Object.entries(headers)) assert.equal(first.headers[name], value);
        assert.ok(first.message.includes(FAMILIES.labelSets.name), "it carries metrics");
        assert.equal(app.stderr(), "");
      } finally {
        await app.stop();
      }
    });
  }

  /** https://opentelemetry.io/docs/specs/otel/protocol/exporter/#configuration-options: the scheme, where there is one, decides. */
  for (const { endpoint, insecure = {}, arrives } of [
    { endpoint: "http://plain", arrives: true },
    { endpoint: "http://plain", insecure: { OTEL_EXPORTER_OTLP_INSECURE: "false" }, arrives: true },
    { endpoint: "plain", arrives: false },
    { endpoint: "plain", insecure: { OTEL_EXPORTER_OTLP_INSECURE: "true" }, arrives: true },
    { endpoint: "plain", insecure: { OTEL_EXPORTER_OTLP_METRICS_INSECURE: "true" }, arrives: true },
    {
      endpoint: "plain",
      insecure: { OTEL_EXPORTER_OTLP_INSECURE: "true", OTEL_EXPORTER_OTLP_METRICS_INSECURE: "false" },
      arrives: false,
    },
    { endpoint: "https://secure", arrives: true },
    { endpoint: "https://secure", insecure: { OTEL_EXPORTER_OTLP_INSECURE: "true" }, arrives: true },
    { endpoint: "secure", arrives: true },
    { endpoint: "secure", insecure: { OTEL_EXPORTER_OTLP_INSECURE: "true" }, arrives: false },
    { endpoint: "http://secure", arrives: false },
  ] as { endpoint: string; insecure?: NodeJS.ProcessEnv; arrives: boolean }[]) {
    for (const name of ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"]) {
      const set = Object.entries(insecure).map(([name, value]) => ` ${name}=${value}`);
      it(`${name}=${endpoint}${set.join("")}: ${arrives ? "arrives" : "a line"}`, async () => {
        const receiver = endpoint.endsWith("plain") ? plain : secure;
        const app = await start({
          ...GRPC,
          ...insecure,
          ...credentials("OTEL_EXPORTER_OTLP", certificates),
          [name]: endpoint.replace(/plain|secure/, receiver.address),
        });
        try {
          if (arrives) {
            await arrived(receiver);
            assert.equal(app.stderr(), "");
          } else {
            await says(app, /^otel-red: exports to the collector over gRPC fail: [^\n]*\n$/);
            assert.equal(receiver.received.length, 0);
          }
        } finally {
          await app.stop();
        }
      });
    }
  }

  for (const prefix of PREFIXES) {
    it(`${prefix}_CERTIFICATE, _CLIENT_CERTIFICATE, _CLIENT_KEY: it is let in`, async () => {
      const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: `https://${secure.address}` };
      const app = await start({ ...GRPC, ...endpoint, ...credentials(prefix, certificates) });
      try {
        await arrived(secure);
        assert.equal(app.stderr(), "");
      } finally {
        await app.stop();
      }
    });

    it(`${prefix}_TIMEOUT: a collector that hangs is given up on after it`, async () => {
      plain.answer = undefined;
      const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${plain.address}` };
      const app = await start({ ...GRPC, ...endpoint, [`${prefix}_TIMEOUT`]: "300" });
      try {
        await arrived(plain);
        const startedAtMs = performance.now();
        await says(app, / fail: [^\n]*DEADLINE_EXCEEDED/);
        const tookMs = performance.now() - startedAtMs;
        assert.ok(tookMs < 9000, `the default is 10 s: ${tookMs} ms`);
      } finally {
        await app.stop();
      }
    });
  }

  it("bad values: a warning each, and the defaults", async () => {
    const app = await start({
      ...GRPC,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${plain.address}`,
      OTEL_EXPORTER_OTLP_INSECURE: "1",
      OTEL_EXPORTER_OTLP_TIMEOUT: "10s",
      OTEL_EXPORTER_OTLP_COMPRESSION: "brotli",
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "sometimes",
    });
    try {
      await arrived(plain);
      const lines = app.stderr().trimEnd().split("\n").sort();
      assert.equal(lines.length, 4, app.stderr());
      for (const [index, said] of [
        /OTEL_EXPORTER_OTLP_COMPRESSION is invalid, .*'brotli'/,
        /OTEL_EXPORTER_OTLP_INSECURE="1" is not accepted: expected true or false; using false/,
        /OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE is set to 'sometimes'/,
        /OTEL_EXPORTER_OTLP_TIMEOUT/,
      ].entries()) {
        assert.match(lines[index] ?? "", said);
      }
    } finally {
      await app.stop();
    }
  });

  it("a certificate that cannot be read: a warning, and a line when it is missed", async () => {
    const app = await start({
      ...GRPC,
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://${secure.address}`,
      OTEL_EXPORTER_OTLP_CERTIFICATE: "/nowhere.pem",
    });
    try {
      await says(app, /otel-red: Failed to read root certificate file\n/);
      await says(app, /fail: [^\n]*certificate/);
    } finally {
      await app.stop();
    }
  });
});
