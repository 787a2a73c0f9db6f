/** Whatever `otel-red generate` prints, Prometheus takes; and it is about the service that was named, however that is called. */
import { equal, match, ok } from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import { scrapeConfigFile } from "../../src/cli/generate/files.ts";
import { DEFAULT_OPTIONS, type GenerateOptions } from "../../src/cli/generate/options.ts";
import { BY_SERVICE, COUNTED } from "../../src/cli/generate/prometheus/records.ts";
import { FAMILIES } from "../../src/view/red.ts";
import { REPOSITORY } from "../support/app.ts";
import { otelRed } from "../support/cli/otel-red.ts";
import { promtool } from "../support/rules/promtool.ts";
import { runScenarios, type Scenario } from "../support/rules/scenario.ts";
import { inputSeries } from "../support/rules/scrapes.ts";
import { simulate } from "../support/rules/simulated-service.ts";

const TARGET = { job: "otel-red", instance: "10.0.0.1:9464" };

const HOSTILE_NAMES = [
  'a "quoted" name',
  "back\\slash",
  "two\nlines",
  ".*",
  "shop|cart",
  "{{ $value }}",
  "yes",
  "1:30",
  "# no comment",
  "größe 🫖",
  "\u0000\u001b[31m",
  "\u200e\u2028",
];

/** What a service can be called: `OTEL_SERVICE_NAME` is trimmed, and so is the option. */
const names = fc.oneof(
  fc.constantFrom(...HOSTILE_NAMES),
  fc.string({ unit: "binary", minLength: 1, maxLength: 30 }).filter((name) => name === name.trim() && name !== ""),
);
const percentages = fc.double({ min: 50, max: 100, maxExcluded: true, noNaN: true }).map(String);
const labels = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,20}$/);
const buckets = fc
  .uniqueArray(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 20 })
  .map((bounds) => bounds.sort((a, b) => a - b));

/** Options that do not contradict each other. */
const accepted = fc
  .record({
    name: names,
    label: labels,
    bounds: buckets,
    edge: fc.nat(),
    availability: percentages,
    target: percentages,
  })
  .map(({ name, label, bounds, edge, availability, target }) => [
    ...["--service", name],
    ...["--path-label", label],
    ...["--buckets", bounds.join(",")],
    ...["--latency", String(bounds[edge % bounds.length])],
    ...["--availability", availability],
    ...["--latency-target", target],
  ]);

describe("what otel-red generate prints", function () {
  this.timeout(120_000);

  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "otel-red-generate-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function write(path: string, content: string): string {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  it("promtool check rules takes, with any options", () => {
    const files: string[] = [];
    fc.assert(
      fc.property(accepted, (args) => {
        for (const name of ["rules", "alerts"]) {
          const { exit, stdout, stderr } = otelRed("generate", name, ...args);
          // a label name may be one that is taken
          if (exit === 0) files.push(write(`${files.length}.yml`, stdout));
          else ok(stderr.includes("--path-label="), stderr);
        }
      }),
      { numRuns: 50 },
    );
    ok(files.length >= 80, `${files.length} files`);
    const { ok: taken, said } = promtool("check", "rules", ...files);
    ok(taken, said);
  });

  it("promtool check rules takes, with any services left out", () => {
    const lists = fc.sample(fc.array(names, { minLength: 1, maxLength: 4 }), 20).map((list) => list.join(","));
    const files = lists.flatMap((list, index) =>
      ["rules", "alerts"].flatMap((name) => {
        const { exit, stdout, stderr } = otelRed("generate", name, "--except", list);
        // a name of the sample may have a comma in it, with nothing on one side
        if (exit !== 0) match(stderr, /one of them is empty/);
        return exit === 0 ? [write(`except-${index}-${name}.yml`, stdout)] : [];
      }),
    );
    ok(files.length > 10, `${files.length} files`);
    const { ok: taken, said } = promtool("check", "rules", ...files);
    ok(taken, said);
  });

  it("promtool check config takes, with any service", () => {
    const files = fc.sample(names, 50).map((service, index) => {
      const options: GenerateOptions = { ...DEFAULT_OPTIONS, service };
      return write(`config-${index}.yml`, scrapeConfigFile(options, ["static", "file"]));
    });
    const { ok: taken, said } = promtool("check", "config", ...files);
    ok(taken, said);
  });

  it("promtool check config and check rules take as it is in otel-config", () => {
    const { ok: taken, said } = promtool("check", "config", join(REPOSITORY, "otel-config/prometheus/prometheus.yml"));
    ok(taken, said);
    equal([...said.matchAll(/SUCCESS: \d+ rules found/g)].length, 2, said);
  });

  // Debian's Prometheus is built without it: with the pods written out, all the rest is checked
  it("promtool check config takes for Kubernetes, save for the discovery itself", () => {
    const { scrape_configs } = parse(otelRed("generate", "scrape-config", "--discovery", "kubernetes").stdout);
    const [{ kubernetes_sd_configs, ...scrape }] = scrape_configs;
    equal(kubernetes_sd_configs.length, 1);
    const config = { scrape_configs: [{ ...scrape, static_configs: [{ targets: ["10.0.0.1:9464"] }] }] };
    const { ok: taken, said } = promtool("check", "config", write("kubernetes.yml", JSON.stringify(config)));
    ok(taken, said);
  });

  it("finds the bucket of the objective, whichever Prometheus spelled its bound", () => {
    const half = [{ count: 60 }, { count: 60, seconds: 2 }];
    const scrapes = simulate(
      { name: "shop" },
      Array.from({ length: 10 }, () => ({ requests: half })),
    );
    const respelled = scrapes.map((scrape) =>
      typeof scrape === "string"
        ? scrape
        : scrape?.map((sample) =>
            sample.labels.le === "1" ? { ...sample, labels: { ...sample.labels, le: "1.0" } } : sample,
          ),
    );
    const scenarios = [scrapes, respelled].map(
      (each, index): Scenario => ({
        name: `Prometheus ${index + 2}`,
        options: { ...DEFAULT_OPTIONS, objectives: { ...DEFAULT_OPTIONS.objectives, latencySeconds: 1 } },
        everyMinutes: 1,
        series: inputSeries(TARGET, each),
        expectations: [
          {
            expr: BY_SERVICE.slowRatio("5m"),
            eval_time: "9m",
            exp_samples: [{ labels: `${BY_SERVICE.slowRatio("5m")}{job="otel-red",service="shop"}`, value: 0.5 }],
          },
        ],
      }),
    );
    for (const [name, verdict] of runScenarios(scenarios)) equal(verdict, undefined, name);
  });

  it("knows a service behind a collector by its job, from before its first request", () => {
    const scrapes = Array.from({ length: 5 }, () => [
      { name: "target_info", labels: {}, value: 1 },
      { name: FAMILIES.labelSets.name, labels: {}, value: 0 },
    ]);
    const series = inputSeries({ job: "shop", instance: "7" }, scrapes);
    const known = [{ labels: `${COUNTED.all}{job="shop",instance="7",service="shop"}`, value: 0 }];
    const scenarios = [
      { name: "every service", options: {}, found: known },
      { name: "it alone", options: { service: "shop" }, found: known },
      { name: "every service but it", options: { except: ["cart", "shop"] }, found: [] },
      { name: "another one alone", options: { service: "cart" }, found: [] },
      { name: "every service but another one", options: { except: ["cart"] }, found: known },
    ].map(
      ({ name, options, found }): Scenario => ({
        name,
        options: { ...DEFAULT_OPTIONS, ...options },
        everyMinutes: 1,
        series,
        expectations: [{ expr: COUNTED.all, eval_time: "4m", exp_samples: found }],
      }),
    );
    for (const [name, verdict] of runScenarios(scenarios)) equal(verdict, undefined, name);
  });

  it("is about the service that was named and no other, whatever it is called", () => {
    const busy = Array.from({ length: 10 }, () => ({ requests: [{ count: 60 }] }));
    const scenarios = HOSTILE_NAMES.map((service): Scenario => {
      const instances = [service, `${service}!`, "shop"].map((name, index) => ({
        target: { ...TARGET, instance: `10.0.0.${index}:9464` },
        scrapes: simulate({ name }, busy),
      }));
      return {
        name: service,
        options: { ...DEFAULT_OPTIONS, service },
        everyMinutes: 1,
        series: instances.flatMap(({ target, scrapes }) => inputSeries(target, scrapes)),
        expectations: [
          {
            expr: `round(${BY_SERVICE.rate("5m")})`,
            eval_time: "9m",
            exp_samples: [{ labels: `{job="otel-red",service=${JSON.stringify(service)}}`, value: 1 }],
          },
        ],
      };
    });
    for (const [service, verdict] of runScenarios(scenarios)) equal(verdict, undefined, JSON.stringify(service));
  });
});
