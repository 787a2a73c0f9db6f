import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, parse } from "node:path";
import fc from "fast-check";
import picomatch from "picomatch";
import { readConfig } from "../../src/config/read-config.ts";
import { ConfigError, type RedConfig } from "../../src/config/red-config.ts";
import { DEFAULT_DURATION_BUCKETS } from "../../src/view/red.ts";

const DEFAULT_EXCLUDE_PATHS = [
  "/metrics",
  "/health",
  "/healthz",
  "/livez",
  "/readyz",
  "/docs",
  "/redoc",
  "/openapi.json",
  "/favicon.ico",
];

const DEFAULTS: RedConfig = {
  disabled: false,
  logLevel: "warn",
  serviceName: "unknown_service:node",
  resourceAttributes: {},
  exporters: ["prometheus"],
  prometheusHost: "localhost",
  prometheusPort: 9464,
  exemplarFilter: "trace_based",
  otlpProtocol: "http/protobuf",
  otlpUrl: undefined,
  otlpVariables: {},
  otlpHistogramAggregation: "explicit_bucket_histogram",
  exportIntervalMs: 60_000,
  exportTimeoutMs: 30_000,
  resourceDetectors: ["env", "host", "os", "process", "serviceinstance"],
  tellsAllOfProcess: false,
  platform: { podUid: "", podName: "", podNamespace: "", containerName: "", container: "", processNumber: "" },
  instrumentation: "light",
  durationBuckets: DEFAULT_DURATION_BUCKETS,
  pathLabel: "path",
  excludePaths: DEFAULT_EXCLUDE_PATHS,
  pathPatterns: [],
  maxLabelSets: 1000,
  clientMetrics: false,
  runtimeMetrics: true,
  processes: "merge",
  warnings: [],
};

/** Every variable and the field that it sets. */
const FIELDS = {
  OTEL_SDK_DISABLED: "disabled",
  OTEL_LOG_LEVEL: "logLevel",
  OTEL_SERVICE_NAME: "serviceName",
  OTEL_RESOURCE_ATTRIBUTES: "resourceAttributes",
  OTEL_METRICS_EXPORTER: "exporters",
  OTEL_EXPORTER_PROMETHEUS_HOST: "prometheusHost",
  OTEL_EXPORTER_PROMETHEUS_PORT: "prometheusPort",
  OTEL_EXPORTER_OTLP_PROTOCOL: "otlpProtocol",
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "otlpProtocol",
  OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: "otlpHistogramAggregation",
  OTEL_METRIC_EXPORT_INTERVAL: "exportIntervalMs",
  OTEL_METRIC_EXPORT_TIMEOUT: "exportTimeoutMs",
  OTEL_NODE_RESOURCE_DETECTORS: "resourceDetectors",
  RED_HTTP_INSTRUMENTATION: "instrumentation",
  RED_DURATION_BUCKETS: "durationBuckets",
  RED_PATH_LABEL: "pathLabel",
  RED_EXCLUDE_PATHS: "excludePaths",
  RED_PATH_PATTERNS: "pathPatterns",
  RED_MAX_LABEL_SETS: "maxLabelSets",
  RED_CLIENT_METRICS: "clientMetrics",
  RED_RUNTIME_METRICS: "runtimeMetrics",
} as const satisfies Record<string, keyof RedConfig>;

type VariableName = keyof typeof FIELDS;
const VARIABLES = Object.keys(FIELDS) as VariableName[];
const OTEL_VARIABLES = VARIABLES.filter((name) => name.startsWith("OTEL_"));
const RED_VARIABLES = VARIABLES.filter((name) => name.startsWith("RED_"));

/** No character that ends a line, moves a cursor or is invisible. */
const ONE_LINE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;

/** Not undefined, which stands for the script of this very process, mocha. */
const NO_MAIN_SCRIPT = "";

/** A value in the title of a test. */
function title(value: string): string {
  return JSON.stringify(value.length > 50 ? `${value.slice(0, 50)}…` : value);
}

function configError(environment: Record<string, string>): ConfigError {
  try {
    readConfig(environment, NO_MAIN_SCRIPT);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error;
  }
  assert.fail(`accepted: ${JSON.stringify(environment)}`);
}

function pattern(source: string, replacement: string): RedConfig["pathPatterns"][number] {
  return { pattern: new RegExp(source, "u"), replacement };
}

const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

describe("readConfig: what is accepted", () => {
  const accepted: Partial<Record<VariableName, readonly (readonly [value: string, read: unknown])[]>> = {
    OTEL_SDK_DISABLED: [
      ["true", true],
      ["TRUE", true],
      [" True\n", true],
      ["false", false],
      ["False", false],
    ],
    OTEL_LOG_LEVEL: [
      ["none", "none"],
      ["ERROR", "error"],
      ["Warn", "warn"],
      ["info", "info"],
      ["DEBUG", "debug"],
      ["verbose", "verbose"],
      [" ALL ", "all"],
    ],
    OTEL_SERVICE_NAME: [
      ["shop", "shop"],
      [" @acme/shop ", "@acme/shop"],
      ["ein Laden", "ein Laden"],
      ["a=b,c", "a=b,c"],
    ],
    OTEL_RESOURCE_ATTRIBUTES: [
      ["a=b", { a: "b" }],
      [" a = b , c = d ", { a: "b", c: "d" }],
      ["a=b,,c=d,", { a: "b", c: "d" }],
      ["a=", { a: "" }],
      ["a=1,a=2", { a: "2" }],
      ["a=b%2Cc%3Dd%20%25", { a: "b,c=d %" }],
      ["k%C3%A9y=%F0%9F%90%9F", { kéy: "🐟" }],
      ["deployment.environment.name=größe", { "deployment.environment.name": "größe" }],
      ["a=b+c;d", { a: "b+c;d" }],
      ["service.name=shop,a=b", { a: "b" }],
      ["service.instance.id=,a=b", { a: "b" }],
      ["service.instance.id=%20%09,a=b", { a: "b" }],
      ["service.instance.id=pod-7", { "service.instance.id": "pod-7" }],
    ],
    OTEL_METRICS_EXPORTER: [
      ["prometheus", ["prometheus"]],
      ["none", ["none"]],
      ["CONSOLE", ["console"]],
      ["console, Prometheus", ["console", "prometheus"]],
      ["console,console,CONSOLE", ["console"]],
      [",prometheus,,", ["prometheus"]],
      ["otlp", ["otlp"]],
      ["prometheus,OTLP", ["prometheus", "otlp"]],
    ],
    OTEL_EXPORTER_PROMETHEUS_HOST: [
      ["0.0.0.0", "0.0.0.0"],
      [" metrics.internal ", "metrics.internal"],
      ["::", "::"],
      ["::1", "::1"],
      ["[::1]", "::1"],
      ["fe80::1%eth0", "fe80::1%eth0"],
    ],
    OTEL_EXPORTER_PROMETHEUS_PORT: [
      ["0", 0],
      ["1", 1],
      [" 9465 ", 9465],
      ["65535", 65_535],
    ],
    OTEL_EXPORTER_OTLP_PROTOCOL: [
      ["grpc", "grpc"],
      ["http/json", "http/json"],
      [" HTTP/Protobuf ", "http/protobuf"],
    ],
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: [
      ["grpc", "grpc"],
      ["http/json", "http/json"],
    ],
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: [
      ["base2_exponential_bucket_histogram", "base2_exponential_bucket_histogram"],
      ["explicit_bucket_histogram", "explicit_bucket_histogram"],
    ],
    OTEL_METRIC_EXPORT_INTERVAL: [
      ["30000", 30_000],
      ["2147483647", 2_147_483_647],
    ],
    OTEL_METRIC_EXPORT_TIMEOUT: [
      ["1", 1],
      ["5000", 5000],
    ],
    OTEL_NODE_RESOURCE_DETECTORS: [
      ["none", []],
      ["host", ["host"]],
      ["aws, Container,env", ["env", "container", "aws"]],
      ["none,host", []],
      ["host,all", ["env", "host", "os", "process", "serviceinstance", "container", "aws", "gcp", "azure", "alibaba"]],
    ],
    RED_HTTP_INSTRUMENTATION: [
      ["light", "light"],
      ["stock", "stock"],
      [" Stock ", "stock"],
    ],
    RED_DURATION_BUCKETS: [
      ["1", [1]],
      ["0.1,0.2", [0.1, 0.2]],
      [" .5 , 1. ,2e0, 1E+1 ", [0.5, 1, 2, 10]],
      ["1e-9", [1e-9]],
      ["0.1,1,+Inf", [0.1, 1]],
      ["0.1,1,inf", [0.1, 1]],
      ["1,+Infinity", [1]],
      [hundred.join(), hundred],
      [`${hundred.join()},+Inf`, hundred],
    ],
    RED_PATH_LABEL: [
      ["endpoint", "endpoint"],
      [" _route9 ", "_route9"],
      ["Le", "Le"],
      ["METHOD", "METHOD"],
      ["a", "a"],
    ],
    RED_EXCLUDE_PATHS: [
      ["/ping", ["/ping"]],
      ["/a, /b ,/a", ["/a", "/b"]],
      ["**/health,**,*/live", ["**/health", "**", "*/live"]],
      ["/a/{b,c},/d", ["/a/{b,c}", "/d"]],
      ["/a/{b,{c,d}},/e", ["/a/{b,{c,d}}", "/e"]],
      ["/a\\{,/b\\}", ["/a\\{", "/b\\}"]],
      ["/a},/b", ["/a}", "/b"]],
      ["/v[0-9]/*.js,/+(a|b)", ["/v[0-9]/*.js", "/+(a|b)"]],
      ["+/ping", [...DEFAULT_EXCLUDE_PATHS, "/ping"]],
      ["+ /a,/b", [...DEFAULT_EXCLUDE_PATHS, "/a", "/b"]],
      ["+/a,+/b,+ /c", [...DEFAULT_EXCLUDE_PATHS, "/a", "/b", "/c"]],
      ["+/metrics,/a", [...DEFAULT_EXCLUDE_PATHS, "/a"]],
    ],
    RED_PATH_PATTERNS: [
      ["^sku-\\d+$=>:sku", [pattern("^sku-\\d+$", ":sku")]],
      ["a=>b;c=>d", [pattern("a", "b"), pattern("c", "d")]],
      [" a => b \r\n\n c => d ;\n", [pattern("a", "b"), pattern("c", "d")]],
      ["(?<=>)a=>b", [pattern("(?<=>)a", "b")]],
      ["a=>b=>c", [pattern("a=>b", "c")]],
      ["(?<n>\\p{Lu}+),\\x3b=>$<n>-$1", [pattern("(?<n>\\p{Lu}+),\\x3b", "$<n>-$1")]],
    ],
    RED_MAX_LABEL_SETS: [
      ["1", 1],
      [" 50 ", 50],
      ["1000000", 1_000_000],
    ],
    RED_CLIENT_METRICS: [
      ["true", true],
      ["TRUE", true],
      ["false", false],
    ],
    RED_RUNTIME_METRICS: [
      ["true", true],
      ["False", false],
    ],
  };

  it("has a case for every variable", () => assert.deepEqual(Object.keys(accepted), VARIABLES));

  for (const [variable, cases] of Object.entries(accepted)) {
    describe(variable, () => {
      for (const [value, read] of cases) {
        it(title(value), () => {
          const config = readConfig({ [variable]: value }, NO_MAIN_SCRIPT);
          assert.deepEqual(config[FIELDS[variable as VariableName]], read);
          assert.deepEqual(config.warnings, []);
        });
      }
    });
  }
});

describe("readConfig: what is warned of", () => {
  /** The value, what is used instead, what the warning says of it. */
  const warned: Partial<Record<VariableName, readonly (readonly [value: string, used: unknown, said: RegExp])[]>> = {
    OTEL_SDK_DISABLED: ["1", "yes", "0", "truee", "t r u e"].map(
      (value) => [value, false, /expected true or false; using false$/] as const,
    ),
    OTEL_LOG_LEVEL: ["loud", "5", "constructor", "__proto__"].map(
      (value) => [value, "warn", /expected none, error, warn, info, debug, verbose or all; using warn$/] as const,
    ),
    OTEL_RESOURCE_ATTRIBUTES: [
      ["a", {}, /"a" is not one key=value pair.*; using none$/],
      ["a=b,c", {}, /"c" is not one key=value pair/],
      ["a=b=c", {}, /"a=b=c" is not one key=value pair/],
      ["=b", {}, /"=b" has no key/],
      ["a=b,c=%zz", {}, /"c=%zz" cannot be percent-decoded/],
      ["a=100%", {}, /cannot be percent-decoded/],
      ["a%=b", {}, /cannot be percent-decoded/],
      ["a=%ff", {}, /cannot be percent-decoded/],
    ],
    OTEL_METRICS_EXPORTER: [
      ["statsd", ["prometheus"], /names none of them.*list of prometheus, otlp, console, none; using prometheus$/],
      [",", ["prometheus"], /names none of them/],
      ["__proto__", ["prometheus"], /names none of them/],
      ["zipkin,console", ["console"], /unknown: "zipkin".*list of prometheus, otlp, console, none; using console$/],
      [
        "console,statsd,prometheus,zipkin",
        ["console", "prometheus"],
        /unknown: "statsd, zipkin".*; using console,prometheus$/,
      ],
      ["none,console", ["none"], /none excludes the others.*; using none$/],
      ["prometheus,none", ["none"], /none excludes the others/],
      ["statsd,none", ["none"], /unknown: "statsd".*; using none$/],
      ["statsd,none,console", ["none"], /unknown: "statsd".*; using none$/],
    ],
    OTEL_EXPORTER_PROMETHEUS_HOST: [
      "localhost:9464",
      "127.0.0.1:9464",
      "http://localhost",
      "my host",
      "a/b",
      "a\\b",
      "a\0b",
      "[::1",
      "[::1]:9464",
      "[localhost]",
      "[]",
      ":::",
    ].map((value) => [value, "localhost", /expected a host name or an IP address, .*; using localhost$/] as const),
    OTEL_EXPORTER_PROMETHEUS_PORT: [
      "65536",
      "-1",
      "+1",
      "9464.5",
      "1e3",
      "0x10",
      "09464",
      "http",
      "94 64",
      "9,464",
      "99999999999999999999",
      "٣",
    ].map((value) => [value, 9464, /expected an integer from 0 to 65535; using 9464$/] as const),
    OTEL_EXPORTER_OTLP_PROTOCOL: ["http", "protobuf", "http/proto", "grpc,http/json"].map(
      (value) =>
        [value, "http/protobuf", /expected grpc, http\/protobuf or http\/json; using http\/protobuf$/] as const,
    ),
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: [["http", "http/protobuf", /expected grpc, http\/protobuf or http\/json/]],
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: [
      [
        "exponential",
        "explicit_bucket_histogram",
        /or base2_exponential_bucket_histogram; using explicit_bucket_histogram$/,
      ],
    ],
    OTEL_METRIC_EXPORT_INTERVAL: ["0", "-1", "1s", "2147483648"].map(
      (value) => [value, 60_000, /expected an integer from 1 to 2147483647; using 60000$/] as const,
    ),
    OTEL_METRIC_EXPORT_TIMEOUT: [["0", 30_000, /expected an integer from 1 to 2147483647; using 30000$/]],
    OTEL_NODE_RESOURCE_DETECTORS: [
      [
        "hosts",
        ["env", "host", "os", "process", "serviceinstance"],
        /names none of them.*list of env, host, .*, all, none; using env,host,os,process,serviceinstance$/,
      ],
      ["host,kubernetes", ["host"], /unknown: "kubernetes".*; using host$/],
    ],
  };

  it("has a case for every variable that can be bad", () => {
    assert.deepEqual([...Object.keys(warned), "OTEL_SERVICE_NAME"].sort(), OTEL_VARIABLES.toSorted());
  });

  for (const [variable, cases] of Object.entries(warned)) {
    describe(variable, () => {
      for (const [value, used, said] of cases) {
        it(title(value), () => {
          const { warnings, ...config } = readConfig({ [variable]: value }, NO_MAIN_SCRIPT);
          const { warnings: _none, ...expected } = {
            ...DEFAULTS,
            [FIELDS[variable as VariableName]]: used,
            tellsAllOfProcess: value === "host,kubernetes",
          };
          assert.deepEqual(config, expected);
          assert.equal(warnings.length, 1);
          assert.match(warnings[0] ?? "", said);
          assert.ok(warnings[0]?.startsWith(`${variable}="`), warnings[0]);
        });
      }
    });
  }

  it("gives one warning for each bad value", () => {
    const { warnings } = readConfig(
      { OTEL_LOG_LEVEL: "loud", OTEL_EXPORTER_PROMETHEUS_PORT: "-1", OTEL_SDK_DISABLED: "1" },
      undefined,
    );
    assert.deepEqual(warnings.map((warning) => warning.split("=")[0]).sort(), [
      "OTEL_EXPORTER_PROMETHEUS_PORT",
      "OTEL_LOG_LEVEL",
      "OTEL_SDK_DISABLED",
    ]);
  });
});

describe("readConfig: what is refused", () => {
  const BOOLEANS = ["1", "0", "yes", "on", "tru", "true,false"].map(
    (value) => [value, /expected true or false;/] as const,
  );
  const refused: Partial<Record<VariableName, readonly (readonly [value: string, said: RegExp])[]>> = {
    RED_HTTP_INSTRUMENTATION: ["heavy", "light,stock", "constructor"].map(
      (value) => [value, /expected light or stock;/] as const,
    ),
    RED_DURATION_BUCKETS: [
      ["0.1,0.05", /"0.05" is not above the one before it/],
      ["0.1,0.1", /"0.1" is not above the one before it/],
      ["0.1,0.10", /"0.10" is not above the one before it/],
      ["0,1", /"0" is not positive/],
      ["1e-400", /"1e-400" is not positive/],
      ["-1,2", /"-1" is no finite decimal number/],
      ["+1", /"\+1" is no finite decimal number/],
      ["a,b", /"a" is no finite decimal number/],
      ["1,,2", /"" is no finite decimal number/],
      ["1,", /"" is no finite decimal number/],
      [",", /"" is no finite decimal number/],
      ["0x10", /"0x10" is no finite decimal number/],
      ["0b1", /"0b1" is no finite decimal number/],
      ["1_000", /"1_000" is no finite decimal number/],
      ["1e400", /"1e400" is no finite decimal number/],
      [".", /"." is no finite decimal number/],
      ["1s", /"1s" is no finite decimal number/],
      ["0.1 0.2", /"0.1 0.2" is no finite decimal number/],
      ["NaN", /"NaN" is no finite decimal number/],
      ["-Inf", /"-Inf" is no finite decimal number/],
      ["+Inf", /"\+Inf" is no finite decimal number/],
      ["+Inf,1", /"\+Inf" is no finite decimal number/],
      ["1,+Inf,+Inf", /"\+Inf" is no finite decimal number/],
      [[...hundred, 101].join(), /there are 101/],
    ],
    RED_PATH_LABEL: [
      ...["9lives", "a-b", "a.b", "a b", "größe", "a:b", "path,endpoint"].map(
        (value) => [value, /expected a Prometheus label name/] as const,
      ),
      ["__path", /start with __/],
      ["__", /start with __/],
      ...["method", "status_code", "service"].map((value) => [value, /a label of the same series/] as const),
      ["le", /histogram buckets/],
      ["quantile", /summary quantiles/],
      ["job", /exported_job/],
      ["instance", /exported_instance/],
    ],
    RED_EXCLUDE_PATHS: [
      ["health", /"health" can match no path/],
      ["*", /"\*" can match no path/],
      ["*.html", /"\*.html" can match no path/],
      ["!/a", /"!\/a" can match no path/],
      ["/a,b", /"b" can match no path/],
      ["/a /b", /"\/a \/b" can match no path/],
      ["/a\n/b", /"\/a\\u\{a\}\/b" can match no path/],
      ["/a,,/b", /there is an empty glob/],
      ["/a,", /there is an empty glob/],
      ["+", /there is an empty glob/],
      ["+/a,+", /there is an empty glob/],
      ["/a,+/b", /the \+ of "\+\/b" belongs before the first glob/],
      ["/a/{b,c", /"\/a\/\{b,c": Missing closing: "}"/],
      ["/a[", /Missing closing: "]"/],
      ["/a(", /Missing closing: "\)"/],
      ["/a)", /Missing opening: "\("/],
      ["/[z-a]", /"\/\[z-a\]": Range out of order/],
    ],
    RED_PATH_PATTERNS: [
      ["^sku-\\d+$", /"\^sku-\\d\+\$" has no =>/],
      ["a=>b;c", /"c" has no =>/],
      ["a->b", /has no =>/],
      ["=>b", /"=>b" has no regex/],
      ["a=>", /"a=>" has no replacement/],
      [";\n;", /holds no pair/],
      ["(=>b", /"\(": Unterminated group\)/],
      ["a\\=>b", /"a\\": \\ at end of pattern/],
      ["\\_=>b", /"\\_": Invalid escape/],
      ["(a\u2028b=>c", /"\(a\\u\{2028\}b": Unterminated group\)/],
      ["a{2=>b", /Incomplete quantifier/],
      ["[a: b=>b", /"\[a: b": Unterminated character class\)/],
    ],
    RED_MAX_LABEL_SETS: ["0", "-1", "1000001", "1.5", "1e3", "1_000", "0x10", "010", "many", "Infinity"].map(
      (value) => [value, /expected an integer from 1 to 1000000;/] as const,
    ),
    RED_CLIENT_METRICS: BOOLEANS,
    RED_RUNTIME_METRICS: BOOLEANS,
  };

  it("has a case for every variable", () => assert.deepEqual(Object.keys(refused), RED_VARIABLES));

  for (const [variable, cases] of Object.entries(refused)) {
    describe(variable, () => {
      for (const [value, said] of cases) {
        it(title(value), () => {
          const { name, message } = configError({ [variable]: value });
          assert.equal(name, "ConfigError");
          assert.match(message, said);
          assert.match(message, /; correct it, or unset it for the default$/);
          assert.ok(
            message.startsWith(
              `${variable}="${value.slice(0, 60).replaceAll("\n", "\\u{a}").replaceAll("\u2028", "\\u{2028}")}`,
            ),
            message,
          );
        });
      }
    });
  }

  it("is refused also where the SDK is disabled: it would surprise on the day it is enabled", () => {
    assert.match(configError({ OTEL_SDK_DISABLED: "true", RED_PATH_LABEL: "le" }).message, /^RED_PATH_LABEL/);
  });

  for (const variable of VARIABLES) {
    it(`${variable}: shortens a value as long as Linux allows`, () => {
      for (const value of ["\u{202e}\n(", "a,", "/(,", "(=>", "=", "otlp,"].map((text) =>
        text.repeat(131_072 / text.length),
      )) {
        try {
          for (const warning of readConfig({ [variable]: value }, NO_MAIN_SCRIPT).warnings)
            assert.ok(warning.length < 1000, warning);
        } catch (error) {
          assert.ok(error instanceof ConfigError, String(error));
          assert.ok(error.message.length < 1000, `${error.message.length}`);
        }
      }
    });
  }
});

describe("readConfig: the whole", () => {
  it("has these defaults", () => assert.deepEqual(readConfig({}, NO_MAIN_SCRIPT), DEFAULTS));

  for (const blank of ["", " ", "\t\r\n "]) {
    it(`takes ${title(blank)} as unset, everywhere`, () => {
      assert.deepEqual(
        readConfig(Object.fromEntries(VARIABLES.map((name) => [name, blank])), NO_MAIN_SCRIPT),
        DEFAULTS,
      );
    });
  }

  it("leaves RED_ variables that it does not know to others", () => {
    assert.deepEqual(readConfig({ RED_MAX_LABELSETS: "x", RED_: "x", red_path_label: "le" }, NO_MAIN_SCRIPT), DEFAULTS);
  });

  it("gives path patterns without state, so that they may be shared and used at any speed", () => {
    const { pathPatterns } = readConfig({ RED_PATH_PATTERNS: "^\\d+$=>:id" }, NO_MAIN_SCRIPT);
    const only = pathPatterns[0];
    assert.ok(only);
    assert.equal(only.pattern.flags, "u");
    assert.ok(!Object.isFrozen(only.pattern));
    assert.deepEqual(
      ["7", "8", "x"].map((segment) => segment.replace(only.pattern, only.replacement)),
      [":id", ":id", "x"],
    );
  });
});

describe("readConfig: the service's name", () => {
  let root: string;

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "otel-red-config-")));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** Writes the files, and returns the path of the first of them. */
  function write(files: Readonly<Record<string, string>>): string {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    return join(root, Object.keys(files)[0] ?? "");
  }

  const PACKAGE = '{"name":"from-package"}';
  const attributes = "service.name=from%20attributes,a=b";

  for (const [what, environment, expected] of [
    [
      "OTEL_SERVICE_NAME first",
      { OTEL_SERVICE_NAME: "from-variable", OTEL_RESOURCE_ATTRIBUTES: attributes },
      "from-variable",
    ],
    [
      "then service.name of OTEL_RESOURCE_ATTRIBUTES, decoded",
      { OTEL_RESOURCE_ATTRIBUTES: attributes },
      "from attributes",
    ],
    ["the last service.name there", { OTEL_RESOURCE_ATTRIBUTES: "service.name=a,service.name=b" }, "b"],
    [
      "a blank OTEL_SERVICE_NAME is none",
      { OTEL_SERVICE_NAME: " ", OTEL_RESOURCE_ATTRIBUTES: attributes },
      "from attributes",
    ],
    ["then the package.json", {}, "from-package"],
    ["an empty service.name is none", { OTEL_RESOURCE_ATTRIBUTES: "service.name=" }, "from-package"],
    ["a blank service.name is none", { OTEL_RESOURCE_ATTRIBUTES: "service.name=%20%09" }, "from-package"],
    ["nor is one of attributes that are discarded", { OTEL_RESOURCE_ATTRIBUTES: `${attributes},c` }, "from-package"],
  ] as const) {
    it(what, () => {
      const main = write({ "app.js": "", "package.json": PACKAGE });
      assert.equal(readConfig(environment, main).serviceName, expected);
    });
  }

  for (const [what, files, expected] of [
    ["beside the main script", { "app.js": "", "package.json": PACKAGE }, "from-package"],
    ["above it", { "src/bin/app.js": "", "package.json": PACKAGE }, "from-package"],
    ["the nearest wins", { "apps/a/app.js": "", "apps/a/package.json": '{"name":"a"}', "package.json": PACKAGE }, "a"],
    ["a scope stays", { "app.js": "", "package.json": '{"name":"@acme/shop"}' }, "@acme/shop"],
    ["white space goes", { "app.js": "", "package.json": '{"name":" shop\\n"}' }, "shop"],
    ["a byte order mark is no error", { "app.js": "", "package.json": '\uFEFF{"name":"shop"}' }, "shop"],
    [
      "one without a name is passed over",
      { "dist/app.js": "", "dist/package.json": '{"type":"module"}', "package.json": PACKAGE },
      "from-package",
    ],
    [
      "one with a blank name is passed over",
      { "dist/app.js": "", "dist/package.json": '{"name":" "}', "package.json": PACKAGE },
      "from-package",
    ],
    [
      "one whose name is no text is passed over",
      { "dist/app.js": "", "dist/package.json": '{"name":7}', "package.json": PACKAGE },
      "from-package",
    ],
    [
      "one that is null is passed over",
      { "dist/app.js": "", "dist/package.json": "null", "package.json": PACKAGE },
      "from-package",
    ],
    [
      "one that is no JSON is passed over",
      { "dist/app.js": "", "dist/package.json": '{"name":', "package.json": PACKAGE },
      "from-package",
    ],
    [
      "one that cannot be read is passed over",
      { "dist/app.js": "", "dist/package.json/x": "", "package.json": PACKAGE },
      "from-package",
    ],
  ] as const) {
    it(`package.json: ${what}`, () => assert.equal(readConfig({}, write(files)).serviceName, expected));
  }

  it("package.json: of the folder, for `node .`", () => {
    write({ "app/index.js": "", "app/package.json": '{"name":"inner"}', "package.json": PACKAGE });
    assert.equal(readConfig({}, join(root, "app")).serviceName, "inner");
  });

  it("package.json: for `node app`, which Node completes to app.js", () => {
    write({ "app.js": "", "package.json": PACKAGE });
    assert.equal(readConfig({}, join(root, "app")).serviceName, "from-package");
  });

  it("package.json: of where a symbolic link leads", () => {
    const script = write({
      "real/app.js": "",
      "real/package.json": '{"name":"real"}',
      "package.json": PACKAGE,
    });
    mkdirSync(join(root, "bin"));
    symlinkSync(script, join(root, "bin/app"));
    assert.equal(readConfig({}, join(root, "bin/app")).serviceName, "real");
  });

  describe("of a command in node_modules", () => {
    const NAMED = (name: string) => JSON.stringify({ name });
    const COMMAND = { "app/node_modules/next/bin.js": "", "app/node_modules/next/package.json": NAMED("next") };
    let home: string | undefined;
    before(() => {
      home = process.env.HOME;
    });
    afterEach(() => {
      process.env.HOME = home;
    });

    for (const [what, files, folder, expected] of [
      ["is that of the working directory", { "app/package.json": NAMED("shop") }, "app", "shop"],
      ["or of a folder above it", { "app/package.json": NAMED("shop"), "app/src/a": "" }, "app/src", "shop"],
      [
        "where one has no name, of the next",
        { "package.json": NAMED("shop"), "app/package.json": "{}" },
        "app",
        "shop",
      ],
      ["is not that of another package", { "app/package.json": NAMED("shop") }, "app/node_modules/next", "shop"],
      ["is not that of the home folder", { "home/package.json": NAMED("mine") }, "home", "next"],
      ["is that of a folder in the home folder", { "home/a/package.json": NAMED("shop") }, "home/a", "shop"],
      ["is its own where there is no other", { "empty/a": "" }, "empty", "next"],
      ["is its own where the working directory is gone", {}, "gone", "next"],
    ] as const)
      it(what, () => {
        const script = write({ ...COMMAND, ...files });
        process.env.HOME = join(root, "home");
        assert.equal(readConfig({}, script, join(root, folder)).serviceName, expected);
      });

    it("is that of the working directory where a symbolic link names the command", () => {
      const script = write({ ...COMMAND, "app/package.json": NAMED("shop") });
      mkdirSync(join(root, "app/node_modules/.bin"));
      symlinkSync(script, join(root, "app/node_modules/.bin/next"));
      const link = join(root, "app/node_modules/.bin/next");
      assert.equal(readConfig({}, link, join(root, "app")).serviceName, "shop");
    });

    it("is not asked for where the script is the application's own", () => {
      const script = write({ "app/a.js": "", "app/package.json": NAMED("shop"), "other/package.json": NAMED("other") });
      assert.equal(readConfig({}, script, join(root, "other")).serviceName, "shop");
    });
  });

  for (const [what, mainScript] of [
    ["no main script (the REPL, --eval)", NO_MAIN_SCRIPT],
    ["no package.json up to the root", join(parse(process.cwd()).root, "otel-red-no-such-script.js")],
    ["a path that no file can have", `${parse(process.cwd()).root}a\0b`],
  ] as const) {
    it(`is unknown_service:node with ${what}`, () => {
      assert.equal(readConfig({}, mainScript).serviceName, "unknown_service:node");
    });
  }
});

describe("readConfig: without a main script given", () => {
  it("takes that script of the process", () => {
    assert.equal(readConfig({}).serviceName, readConfig({}, process.argv[1]).serviceName);
    assert.notEqual(readConfig({}).serviceName, DEFAULTS.serviceName);
  });
});

describe("readConfig: properties", () => {
  /** Texts of any characters, half surrogates too, and texts of the pieces that the values are made of. */
  const anyText = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes)),
    fc
      .array(
        fc.constantFrom(
          ",",
          ";",
          "=",
          "=>",
          "+",
          "-",
          ".",
          "/",
          "*",
          "**",
          "?",
          "{",
          "}",
          "[",
          "]",
          "(",
          ")",
          "!",
          "\\",
          "%",
          "%41",
          "%zz",
          "|",
          "^",
          "$",
          "0",
          "1",
          "10",
          "e",
          "a",
          "_",
          "é",
          "Inf",
          "le",
          "true",
          "none",
          "console",
          "otlp",
          "::1",
          "service.name",
          " ",
          "\n",
          "\r\n",
          "\u2028",
          "\u2029",
          "\0",
        ),
        { maxLength: 12 },
      )
      .map((pieces) => pieces.join("")),
  );

  function environmentOf(names: readonly VariableName[]): fc.Arbitrary<Readonly<Record<string, string | undefined>>> {
    return fc.record(Object.fromEntries(names.map((name) => [name, anyText])), { requiredKeys: [] });
  }

  /** Names of the variables that a line may be about. */
  function subject(line: string): string {
    assert.match(line, ONE_LINE);
    return line.slice(0, line.indexOf('="'));
  }

  function assertFrozen(value: unknown): void {
    if (typeof value !== "object" || value === null || value instanceof RegExp) return;
    assert.ok(Object.isFrozen(value));
    Object.values(value).forEach(assertFrozen);
  }

  function assertWithinItsContract(config: RedConfig): void {
    assertFrozen(config);
    assert.ok(config.serviceName.trim() !== "");
    assert.ok(!Object.hasOwn(config.resourceAttributes, "service.name"));
    assert.ok(config.exporters.length > 0 && new Set(config.exporters).size === config.exporters.length);
    assert.ok(!config.exporters.includes("none") || config.exporters.length === 1);
    assert.ok(config.exportTimeoutMs >= 1 && config.exportTimeoutMs <= config.exportIntervalMs);
    assert.match(config.prometheusHost, /^[^\s/[\]]+$/);
    assert.ok(Number.isInteger(config.prometheusPort) && config.prometheusPort >= 0 && config.prometheusPort <= 65_535);
    assert.ok(config.durationBuckets.length > 0 && config.durationBuckets.every(Number.isFinite));
    assert.ok(config.durationBuckets.every((bound, index) => bound > (config.durationBuckets[index - 1] ?? 0)));
    assert.match(config.pathLabel, /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/);
    assert.ok(config.excludePaths.length > 0);
    for (const glob of config.excludePaths) assert.doesNotThrow(() => picomatch(glob, { dot: true }));
    for (const { pattern, replacement } of config.pathPatterns) assert.ok(pattern.flags === "u" && replacement !== "");
    assert.ok(config.maxLabelSets >= 1 && config.maxLabelSets <= 1_000_000);
  }

  it("anything in RED_*: a config within its contract, or one line about a variable that is set", () => {
    fc.assert(
      fc.property(environmentOf(RED_VARIABLES), (environment) => {
        try {
          assertWithinItsContract(readConfig(Object.freeze(environment), NO_MAIN_SCRIPT));
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          assert.ok(Object.hasOwn(environment, subject(error.message)), error.message);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("anything in one RED_* variable: a refusal is about that one", () => {
    fc.assert(
      fc.property(fc.constantFrom(...RED_VARIABLES), anyText, (variable, value) => {
        try {
          assertWithinItsContract(readConfig({ [variable]: value }, NO_MAIN_SCRIPT));
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          assert.equal(subject(error.message), variable);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("anything in OTEL_*: a config within its contract, and at most one line for each variable that is set", () => {
    fc.assert(
      fc.property(environmentOf(OTEL_VARIABLES), (environment) => {
        const config = readConfig(Object.freeze(environment), NO_MAIN_SCRIPT);
        assertWithinItsContract(config);
        const subjects = config.warnings.map(subject);
        assert.equal(new Set(subjects).size, subjects.length);
        for (const variable of subjects) assert.ok(Object.hasOwn(environment, variable), variable);
      }),
      { numRuns: 2000 },
    );
  });

  it("any list of bucket bounds is read back as it was written", () => {
    const bounds = fc.uniqueArray(fc.double({ min: Number.MIN_VALUE, noDefaultInfinity: true, noNaN: true }), {
      minLength: 1,
      maxLength: 100,
    });
    fc.assert(
      fc.property(bounds, fc.constantFrom("", ",+Inf"), (unordered, end) => {
        const ascending = unordered.toSorted((a, b) => a - b);
        assert.deepEqual(
          readConfig({ RED_DURATION_BUCKETS: ascending.join() + end }, NO_MAIN_SCRIPT).durationBuckets,
          ascending,
        );
      }),
    );
  });

  it("any resource attributes are read back as they were encoded", () => {
    const key = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => text !== "service.name");
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(key, fc.string({ unit: "grapheme" })), { selector: ([name]) => name }),
        (entries) => {
          const value = entries.map((entry) => entry.map(encodeURIComponent).join("=")).join();
          const config = readConfig({ OTEL_RESOURCE_ATTRIBUTES: value }, NO_MAIN_SCRIPT);
          assert.deepEqual(config.resourceAttributes, Object.fromEntries(entries));
          assert.deepEqual(config.warnings, []);
        },
      ),
    );
  });

  it("any integer is read where it is in range, and not elsewhere", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer(), fc.integer({ min: -5, max: 5 }), fc.integer({ min: 999_995, max: 1_000_005 })),
        (number) => {
          const read = () => readConfig({ RED_MAX_LABEL_SETS: String(number) }, NO_MAIN_SCRIPT).maxLabelSets;
          if (number >= 1 && number <= 1_000_000) assert.equal(read(), number);
          else assert.throws(read, ConfigError);
        },
      ),
    );
  });

  it("any globs are read back, whatever commas their braces hold", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "-", "*"), minLength: 1, maxLength: 4 });
    const braces = fc.array(word, { minLength: 2, maxLength: 3 }).map((words) => `{${words.join()}}`);
    const glob = fc
      .array(fc.oneof(word, braces), { minLength: 1, maxLength: 3 })
      .map((segments) => `/${segments.join("/")}`);
    fc.assert(
      fc.property(fc.uniqueArray(glob, { minLength: 1, maxLength: 5 }), (globs) => {
        assert.deepEqual(readConfig({ RED_EXCLUDE_PATHS: globs.join() }, NO_MAIN_SCRIPT).excludePaths, globs);
      }),
    );
  });
});

describe("what OpenTelemetry's OTLP exporter reads itself, and does not complain of", () => {
  const [ALL, METRICS] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] as const;
  const read = (environment: Record<string, string>) =>
    readConfig({ OTEL_METRICS_EXPORTER: "otlp", ...environment }, NO_MAIN_SCRIPT);
  const GRPC = { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" };

  for (const environment of [
    {},
    { [ALL]: "http://collector:4318" },
    { [ALL]: "HTTPS://user:password@collector/base?token=1", [METRICS]: "http://[::1]:4318/as/it/is" },
    { ...GRPC, [ALL]: "collector:4317" },
    { ...GRPC, [ALL]: "collector" },
    { ...GRPC, [ALL]: "10.0.0.1:4317", [METRICS]: "https://collector" },
    { ...GRPC, [ALL]: "unix:///run/collector.sock", OTEL_EXPORTER_OTLP_INSECURE: "TRUE" },
    { ...GRPC, OTEL_EXPORTER_OTLP_METRICS_INSECURE: "false" },
    // of the application's tracing
    { OTEL_METRICS_EXPORTER: "prometheus", [ALL]: "collector:4317", OTEL_EXPORTER_OTLP_INSECURE: "1" },
  ] as Record<string, string>[]) {
    it(`${JSON.stringify(environment)}: as it is`, () => {
      const { otlpUrl, warnings } = read(environment);
      assert.deepEqual({ otlpUrl, warnings }, { otlpUrl: undefined, warnings: [] });
    });
  }

  for (const [environment, url, ...said] of [
    [{ [ALL]: "collector:4318" }, "http://localhost:4318/v1/metrics", /^OTEL_EXPORTER_OTLP_ENDPOINT="collector:4318" /],
    [{ [ALL]: "ftp://collector" }, "http://localhost:4318/v1/metrics", /expected a URL that begins with http:\/\/ or /],
    [
      { [ALL]: "http://a/base/", [METRICS]: "b" },
      "http://a/base/v1/metrics",
      /_METRICS_ENDPOINT="b" .*base\/v1\/metrics$/,
    ],
    [{ [ALL]: "a", [METRICS]: "http://b/c" }, "http://b/c", /^OTEL_EXPORTER_OTLP_ENDPOINT="a" /],
    [{ ...GRPC, [ALL]: "http://" }, "http://localhost:4317", /, or host:port; using http:\/\/localhost:4317$/],
    [{ ...GRPC, [METRICS]: "a b", [ALL]: "c:1" }, "c:1", /_METRICS_ENDPOINT="a b" .*; using c:1$/],
    [{ ...GRPC, OTEL_EXPORTER_OTLP_INSECURE: "1" }, undefined, /_INSECURE="1" .*true or false; using false$/],
    [{ ...GRPC, OTEL_EXPORTER_OTLP_METRICS_INSECURE: "yes" }, undefined, /_METRICS_INSECURE="yes" /],
  ] as [Record<string, string>, string | undefined, RegExp][]) {
    it(`${JSON.stringify(environment)}: a warning, and ${url ?? "the default"}`, () => {
      const { otlpUrl, warnings } = read(environment);
      assert.equal(otlpUrl, url);
      assert.equal(warnings.length, said.length, warnings.join());
      for (const [index, line] of said.entries()) assert.match(warnings[index] ?? "", line);
    });
  }
});
