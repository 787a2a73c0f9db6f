/** `otel-red generate`: what it takes, what it refuses and how it says so. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { GENERATORS } from "../../src/cli/generators.ts";
import { DEFAULT_DURATION_BUCKETS } from "../../src/view/red.ts";
import { otelRed } from "../support/cli/otel-red.ts";
import { type Manifest as ApiManifest, checkManifests } from "../support/schemas/kubernetes.ts";

const ONE_LINE = /^otel-red: [^\n]+\n$/;

describe("otel-red", () => {
  for (const args of [["--help"], ["generate", "--help"], ["--version"], ["help", "generate"]])
    it(`${args.join(" ")} is answered on stdout`, () => {
      const { exit, stdout, stderr } = otelRed(...args);
      equal(exit, 0);
      equal(stderr, "");
      match(stdout, args.includes("--version") ? /^\d+\.\d+\.\d+\n$/ : /generate/);
    });

  for (const args of [[], ["generate"]])
    it(`${JSON.stringify(args)} shows the help as an error`, () => {
      const { exit, stdout, stderr } = otelRed(...args);
      equal(exit, 2);
      equal(stdout, "");
      match(stderr, /^Usage: otel-red/);
    });

  for (const [args, complaint] of [
    [["generate", "rulez"], /unknown command 'rulez' \(Did you mean rules\?\)/],
    [["generate", "rules", "--pathlabel", "x"], /unknown option '--pathlabel'.*--path-label/],
    [["generate", "rules", "shop"], /too many arguments.*shop/],
    [["generate", "rules", "--service"], /'--service <name>' argument missing/],
    [["generate", "servicemonitor", "--latency", "1"], /unknown option '--latency'/],
    [["generate", "\u001b[31m\n"], /unknown command '\\u\{1b\}\[31m /],
  ] as const)
    it(`${JSON.stringify(args)} is refused in one line`, () => {
      const { exit, stdout, stderr } = otelRed(...args);
      equal(exit, 2);
      equal(stdout, "");
      match(stderr, ONE_LINE);
      match(stderr, complaint);
    });
});

for (const { name, takes } of GENERATORS)
  describe(`otel-red generate ${name}`, () => {
    it("prints something without any option", () => {
      const { exit, stdout, stderr } = otelRed("generate", name);
      equal(stderr, "");
      equal(exit, 0);
      ok(stdout.length > 0);
    });

    it("--help tells what it takes", () => {
      const { exit, stdout } = otelRed("generate", name, "--help");
      equal(exit, 0);
      equal([...stdout.matchAll(/^ {2}--/gm)].length, takes.length);
    });
  });

describe("what otel-red generate refuses", function () {
  this.timeout(60_000);

  for (const [args, complaint] of [
    // label names
    [["--path-label", "a-b"], /--path-label="a-b".*Prometheus label name/],
    [["--path-label", "größe"], /Prometheus label name/],
    [["--path-label", "__path"], /Prometheus's own/],
    [["--path-label", "le"], /histogram buckets/],
    [["--path-label", "service"], /a label of the same series/],
    [["--path-label", "instance"], /exported_instance/],
    [["--path-label", "namespace"], /keep services apart/],
    [["--path-label", "cluster"], /keep services apart/],
    // buckets
    [["--buckets", "0.5,0.1"], /not above the one before it/],
    [["--buckets", "0.1,x"], /no finite decimal number/],
    [["--buckets", "0"], /not positive/],
    // objectives
    [["--availability", "100"], /leaves no budget/],
    [["--availability", "0"], /from 50 to below 100/],
    [["--availability", "0.999"], /not a share: 99\.9\)/],
    [["--availability", "-1"], /from 50 to below 100/],
    [["--latency-target", "100%"], /leaves no budget/],
    [["--latency-target", "ninety"], /from 50 to below 100/],
    [["--latency", "0"], /positive number of seconds/],
    [["--latency", "300ms"], /positive number of seconds/],
    [["--latency", "1e999"], /positive number of seconds/],
    // contradictions
    [["--latency", "0.3"], /the nearest: 0\.25 and 0\.5;.*RED_DURATION_BUCKETS=[\d.,]*,0\.25,0\.3,0\.5,[\d.,]* /],
    [["--latency", "7"], /the nearest: 5;/],
    [["--latency", "0.001"], /the nearest: 0\.005;/],
    [["--latency", "0.5", "--latency", "1"], /--latency is given twice, as "0\.5" and as "1"/],
    [["--service", "shop", "--except", "cart"], /--service="shop" and --except="cart" contradict each other/],
    [["--except", "cart,,shop"], /--except="cart,,shop" is not accepted \(one of them is empty\)/],
    [["--service", "shop", "--service", "cart"], /--service is given twice/],
    [["--buckets", "1,2"], /--latency=0\.5 \(the default\).*the nearest: 1;.*--buckets 0\.5,1,2/],
  ] as const)
    it(args.join(" "), () => {
      const { exit, stdout, stderr } = otelRed("generate", "alerts", ...args);
      equal(exit, 2);
      equal(stdout, "");
      match(stderr, ONE_LINE);
      match(stderr, complaint);
    });

  it("a name that Kubernetes has no letters for", () => {
    const { exit, stderr } = otelRed("generate", "servicemonitor", "--service", "магазин");
    equal(exit, 2);
    match(stderr, ONE_LINE);
    match(stderr, /--service="магазин".*Kubernetes/);
  });

  it("nothing without one line and a 2, whatever is typed", () => {
    const typed = fc.oneof(
      fc.constantFrom(
        "--service",
        "--path-label",
        "--buckets",
        "--availability",
        "--latency",
        "--latency-target",
        "-h",
      ),
      fc.constantFrom("99.9", "0.5", "shop", "", "--", "-", "\n"),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...GENERATORS), fc.array(typed, { maxLength: 5 }), ({ name }, args) => {
        const { exit, stdout, stderr } = otelRed("generate", name, ...args);
        if (exit === 0) return stdout !== "" && stderr === "";
        return exit === 2 && stdout === "" && ONE_LINE.test(stderr);
      }),
    );
  });
});

describe("the remedy for a latency that is no edge", function () {
  this.timeout(60_000);

  it("is one, for any buckets and any latency", () => {
    const bounds = fc
      .uniqueArray(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 100 })
      .map((milliseconds) => milliseconds.sort((a, b) => a - b).map((each) => each / 1000));
    fc.assert(
      fc.property(bounds, fc.integer({ min: 1, max: 1_000_000 }), (buckets, milliseconds) => {
        const latency = ["--latency", String(milliseconds / 1000)];
        const refused = otelRed("generate", "rules", "--buckets", buckets.join(","), ...latency);
        if (refused.exit === 0) return buckets.includes(milliseconds / 1000);
        const [, remedy = ""] = /add --buckets ([\d.,]+)\n$/.exec(refused.stderr) ?? [];
        return otelRed("generate", "rules", "--buckets", remedy, ...latency).exit === 0;
      }),
      { numRuns: 30 },
    );
  });
});

describe("otel-red generate buckets", function () {
  this.timeout(60_000);

  const proposed = (latency: string) =>
    otelRed("generate", "buckets", "--latency", latency)
      .stdout.replace(/^RED_DURATION_BUCKETS=/, "")
      .trim();

  it("puts the objective, its half and its fourfold among the bounds", () => {
    const bounds = proposed("0.3").split(",").map(Number);
    deepEqual(
      [0.15, 0.3, 1.2].filter((bound) => !bounds.includes(bound)),
      [],
    );
    ok(bounds.length <= DEFAULT_DURATION_BUCKETS.length, "no more series than the default");
  });

  it("proposes what the rules take, for any latency", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), (seconds) => {
        const latency = String(seconds);
        return otelRed("generate", "rules", "--latency", latency, "--buckets", proposed(latency)).exit === 0;
      }),
      { numRuns: 30 },
    );
  });
});

describe("the first lines of the rules", () => {
  for (const [args, services] of [
    [[], "every service"],
    [["--service", 'a "b"'], String.raw`"a \"b\""`],
    [["--except", "cart, checkout"], 'every service but "cart", "checkout"'],
  ] as const)
    it(`say that they are for ${services}`, () => {
      const [, made] = otelRed("generate", "rules", ...args).stdout.split("\n");
      equal(made, `# Made by: npx otel-red generate rules, for ${services}`);
    });
});

describe("otel-red generate prometheusrule", function () {
  this.timeout(60_000);

  it("is the rules and the alerts for the same options, as the operator takes them", async () => {
    const options = ["--service", "@acme/Shop", "--availability", "99", "--latency", "1"];
    const [rules, alerts, object] = ["rules", "alerts", "prometheusrule"].map((name) =>
      parse(otelRed("generate", name, ...options).stdout),
    );
    deepEqual(object.spec.groups, [...rules.groups, ...alerts.groups]);
    equal(object.metadata.name, "acme-shop");
    await checkManifests([object]);
  });
});

describe("a blank value", () => {
  it("means unset, as in the environment", () => {
    const args = [
      "--service",
      "--except",
      "--path-label",
      "--buckets",
      "--availability",
      "--latency",
      "--latency-target",
    ];
    equal(
      otelRed("generate", "alerts", ...args.flatMap((name) => [name, " "])).stdout,
      otelRed("generate", "alerts").stdout,
    );
  });
});

interface Manifest extends ApiManifest {
  readonly metadata: { readonly name: string };
}

interface ScrapeConfig {
  readonly job_name: string;
  readonly honor_labels: boolean;
}

describe("otel-red generate scrape-config", () => {
  const jobs = (...args: string[]) =>
    (parse(otelRed("generate", "scrape-config", ...args).stdout) as { scrape_configs: ScrapeConfig[] }).scrape_configs;

  it("honours our labels, however targets are found", () => {
    equal(jobs().length, 3);
    deepEqual(new Set(jobs().map(({ honor_labels }) => honor_labels)), new Set([true]));
  });

  it("has the discoveries that were asked for", () => {
    deepEqual(
      jobs("--discovery", "kubernetes, static").map(({ job_name }) => job_name),
      ["otel-red", "otel-red-kubernetes"],
    );
    equal(otelRed("generate", "scrape-config", "--discovery", "consul").exit, 2);
  });

  it("looks for pods of the service, under the name that it can have there", () => {
    match(
      otelRed("generate", "scrape-config", "--service", "@acme/Shop").stdout,
      /app\.kubernetes\.io\/name=acme-shop\n/,
    );
  });
});

describe("otel-red generate servicemonitor", function () {
  this.timeout(60_000);

  it("is what the operator takes, under a name that Kubernetes takes, whatever the service is called", async () => {
    const name = (unit: "grapheme" | "binary-ascii") => fc.string({ unit, minLength: 1, maxLength: 100 });
    const names = [...fc.sample(name("grapheme"), 50), ...fc.sample(name("binary-ascii"), 50)];
    const printed = names.map((name) => otelRed("generate", "servicemonitor", "--service", name));
    const monitors = printed.filter(({ exit }) => exit === 0).map(({ stdout }) => parse(stdout) as Manifest);
    ok(monitors.length > 10, `${monitors.length} of them have a letter or a digit`);
    for (const { metadata } of monitors) match(metadata.name, /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/);
    await checkManifests(monitors);
  });

  for (const [service, name] of [
    ["shop", "shop"],
    ["@acme/Shop", "acme-shop"],
    ["unknown_service:node", "unknown-service-node"],
    [`${"x".repeat(62)}.y`, "x".repeat(62)],
  ] as const)
    it(`${service} is ${name}`, () => {
      const monitor = parse(otelRed("generate", "servicemonitor", "--service", service).stdout);
      equal(monitor.metadata.name, name);
      deepEqual(monitor.spec.selector.matchLabels, { "app.kubernetes.io/name": name });
    });
});
