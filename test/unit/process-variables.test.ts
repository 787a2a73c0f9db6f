/** Which variables are obeyed that are set, changed or deleted after otel-red has read them. */
import assert from "node:assert/strict";
import { pm2Settings } from "../../src/config/pm2.ts";
import { ProcessVariables } from "../../src/config/process-variables.ts";
import { withVariables } from "../../src/config/with-variables.ts";

describe("the variables of the process", () => {
  const before = process.env;
  afterEach(() => {
    process.env = before;
  });

  interface Row {
    readonly what: string;
    readonly atStart: NodeJS.ProcessEnv;
    readonly later: NodeJS.ProcessEnv;
    readonly used?: readonly string[];
    /** What counts from then on; undefined where it is what counted at the start. */
    readonly obeyed?: NodeJS.ProcessEnv;
    readonly ignored?: readonly string[];
  }
  const PM2 = { pm2_env: JSON.stringify({ OTEL_SERVICE_NAME: "shop", OTEL_EXPORTER_PROMETHEUS_PORT: 9465, axm: {} }) };

  // biome-ignore format: a table, one row a line
  const ROWS: readonly Row[] = [
    { what: "nothing", atStart: { OTEL_SERVICE_NAME: "a" }, later: { OTEL_SERVICE_NAME: "a" } },
    { what: "one that was unset", atStart: {}, later: { OTEL_SERVICE_NAME: "a" }, obeyed: { OTEL_SERVICE_NAME: "a" } },
    { what: "one that was blank", atStart: { OTEL_SERVICE_NAME: " " }, later: { OTEL_SERVICE_NAME: "a" }, obeyed: { OTEL_SERVICE_NAME: "a" } },
    { what: "one beside others", atStart: { RED_PATH_LABEL: "a" }, later: { RED_PATH_LABEL: "a", RED_MAX_LABEL_SETS: "9" }, obeyed: { RED_PATH_LABEL: "a", RED_MAX_LABEL_SETS: "9" } },
    { what: "one of OpenTelemetry's exporters", atStart: {}, later: { OTEL_EXPORTER_OTLP_METRICS_HEADERS: "a=b" }, obeyed: { OTEL_EXPORTER_OTLP_METRICS_HEADERS: "a=b" } },
    { what: "a change", atStart: { OTEL_SERVICE_NAME: "a" }, later: { OTEL_SERVICE_NAME: "b" }, ignored: ["OTEL_SERVICE_NAME"] },
    { what: "a deletion", atStart: { OTEL_SERVICE_NAME: "a" }, later: {} },
    { what: "a deletion and one that was unset", atStart: { OTEL_SERVICE_NAME: "a" }, later: { RED_PATH_LABEL: "b" }, obeyed: { OTEL_SERVICE_NAME: "a", RED_PATH_LABEL: "b" } },
    { what: "one made blank", atStart: { OTEL_SERVICE_NAME: "a" }, later: { OTEL_SERVICE_NAME: "" } },
    { what: "those of the application's own SDK", atStart: {}, later: { OTEL_SDK_DISABLED: "true", OTEL_METRICS_EXPORTER: "none", OTEL_LOG_LEVEL: "info" }, ignored: ["OTEL_LOG_LEVEL", "OTEL_METRICS_EXPORTER", "OTEL_SDK_DISABLED"] },
    { what: "those that the preload has used", atStart: {}, later: { RED_CLIENT_METRICS: "true", RED_HTTP_INSTRUMENTATION: "stock" }, ignored: ["RED_CLIENT_METRICS", "RED_HTTP_INSTRUMENTATION"] },
    { what: "one that has been used since", atStart: {}, later: { RED_PATH_LABEL: "a" }, used: ["RED_PATH_LABEL"], ignored: ["RED_PATH_LABEL"] },
    { what: "those of others", atStart: {}, later: { RED_TEAM: "a", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "a", PORT: "1" } },
    { what: "what PM2 has announced", atStart: PM2, later: { OTEL_SERVICE_NAME: "shop", OTEL_EXPORTER_PROMETHEUS_PORT: "9465", axm: "[object Object]" } },
    { what: "one beside what PM2 has announced", atStart: PM2, later: { OTEL_SERVICE_NAME: "shop", OTEL_EXPORTER_PROMETHEUS_PORT: "9465", RED_PATH_LABEL: "a" }, obeyed: { OTEL_SERVICE_NAME: "shop", OTEL_EXPORTER_PROMETHEUS_PORT: "9465", RED_PATH_LABEL: "a" } },
  ];
  for (const { what, atStart, later, used = [], obeyed, ignored = [] } of ROWS)
    it(`${what}: ${obeyed ? "obeyed" : "not obeyed"}${ignored.length > 0 ? ", and named" : ""}`, () => {
      process.env = atStart;
      const variables = new ProcessVariables();
      process.env = later;
      assert.deepEqual(variables.late(used), { variables: obeyed, ignored });
      assert.deepEqual(process.env, later);
    });

  it("at the start, are PM2's before those of its daemon", () => {
    process.env = { OTEL_SERVICE_NAME: "daemon", RED_PATH_LABEL: "a", PORT: "1", ...PM2 };
    assert.deepEqual(new ProcessVariables().atStart, {
      OTEL_SERVICE_NAME: "shop",
      OTEL_EXPORTER_PROMETHEUS_PORT: "9465",
      RED_PATH_LABEL: "a",
    });
  });

  for (const pm2_env of [undefined, "", "{", "null", "7"])
    it(`pm2_env=${pm2_env} is not PM2's`, () => assert.equal(pm2Settings({ pm2_env }), undefined));

  it("are shown to an exporter that looks into process.env, and to nobody after it", () => {
    process.env = { A: "a", B: "b" };
    const here = process.env;
    assert.deepEqual(
      withVariables({ B: "other", C: "c" }, () => process.env),
      { A: "a", B: "other", C: "c" },
    );
    assert.equal(process.env, here);
    const failing = () => {
      throw new Error("exporter");
    };
    assert.throws(() => withVariables({ B: "other" }, failing), /exporter/);
    assert.equal(process.env, here);
  });
});
