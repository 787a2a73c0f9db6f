/** The generated files of `otel-config/` are what the sources make of them, and the runbook knows every alert. */
import { deepEqual, equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { OTEL_CONFIG_FILES } from "../../scripts/otel-config-files.ts";
import { DEFAULT_OPTIONS } from "../../src/cli/generate/options.ts";
import { alertingRules } from "../../src/cli/generate/prometheus/alerts.ts";
import { PLACED, UP } from "../../src/cli/generate/prometheus/records.ts";
import { recordingRules } from "../../src/cli/generate/prometheus/rules.ts";
import { REPOSITORY } from "../support/app.ts";
import { readConfig } from "../support/otel-config/files.ts";

const rules = alertingRules(DEFAULT_OPTIONS).groups.flatMap((group) => group.rules);

describe("otel-config", () => {
  for (const [path, render] of Object.entries(OTEL_CONFIG_FILES))
    it(`${path} is current (npm run otel-config makes it so)`, () =>
      equal(readFileSync(join(REPOSITORY, path), "utf8"), render()));

  it("is the same in YAML 1.1, which Prometheus reads, and in 1.2", () => {
    const texts = Object.entries(OTEL_CONFIG_FILES).map(([path, render]) => [path, render()] as const);
    for (const [path, text] of texts) deepEqual(parse(text, { version: "1.1" }), parse(text, { version: "1.2" }), path);
  });
});

describe("the rules", () => {
  const groups = [recordingRules(DEFAULT_OPTIONS), alertingRules(DEFAULT_OPTIONS)].flatMap((file) => [...file.groups]);

  for (const { name, interval, rules } of groups)
    it(`${name}: ${interval ?? "at every evaluation"}, no look back over a day of every instance`, () => {
      const longest = rules.flatMap(({ expr }) => [...expr.matchAll(/\b(?:rate|increase)\([^[]*\[(\d+d)\]/g)]);
      equal(longest.length > 0, interval !== undefined);
    });

  it("record as many series as the guide says", () => {
    const buckets = DEFAULT_OPTIONS.durationBuckets.length + 1;
    const seriesIn = (...names: string[]) =>
      recordingRules(DEFAULT_OPTIONS)
        .groups.filter(({ name }) => names.includes(name))
        .flatMap(({ rules }) => rules.map(({ record }) => (record.includes("_bucket:") ? buckets : 1)))
        .reduce((sum, each) => sum + each, 0);
    const [, byRoute, byService] =
      /(\d+) series for each route of a service and (\d+) for each service/.exec(readConfig("README.md")) ?? [];
    deepEqual(
      [seriesIn("otel-red-paths"), seriesIn("otel-red-services", "otel-red-services-long")],
      [Number(byRoute), Number(byService)],
    );
  });

  for (const [what, options, selected] of [
    ["of one service", { ...DEFAULT_OPTIONS, service: "shop" }, '{service="shop"'],
    ["of every service but one", { ...DEFAULT_OPTIONS, except: ["shop"] }, '{service!="shop"'],
  ] as const)
    it(`${what} read nothing that is recorded of another one`, () => {
      const ofOne = [recordingRules(options), alertingRules(options)].flatMap((file) => [...file.groups]);
      const read = ofOne.flatMap(({ rules }) =>
        rules.flatMap(({ expr }) => [
          ...expr.matchAll(/\b(?:\w+:\w+:\w+|http_requests\w*|http_request_\w+)(.{0,18})/g),
        ]),
      );
      deepEqual(
        new Set(
          read.filter(([, next = ""]) => !next.startsWith(selected)).map(([series]) => series.split(/[^\w:]/)[0]),
        ),
        // where several services run at a place, and which targets none of the rules knows
        new Set(options.service === undefined ? [PLACED, UP] : [PLACED]),
      );
      equal(read.length > 100, true);
    });
});

describe("the runbook", () => {
  const text = readFileSync(join(REPOSITORY, "otel-config/prometheus/runbook.md"), "utf8");
  const sections = [...text.matchAll(/^## (\S+)\n\n([\s\S]*?)(?=^## |(?![\s\S]))/gm)];

  it("has one section for each alert, in their order", () =>
    deepEqual(
      sections.map(([, title]) => title),
      [...new Set(rules.map(({ alert }) => alert))],
    ));

  for (const [, title, body = ""] of sections)
    it(`${title}: what it means, what to look at, what to do`, () => {
      deepEqual(
        [...body.matchAll(/^\*\*(.+?)\.\*\* \S/gm)].map(([, part]) => part),
        ["Means", "Look at", "Do"],
      );
    });

  it("is where the alerts say it is", () => {
    for (const { alert, annotations } of rules)
      equal(annotations.runbook_url.split("/otel-red/")[1], `otel-config/prometheus/runbook.md#${alert.toLowerCase()}`);
  });

  it("asks for series that are recorded, or that otel-red has", () => {
    const recorded = new Set(
      recordingRules(DEFAULT_OPTIONS).groups.flatMap((group) => group.rules.map(({ record }) => record)),
    );
    const asked = [...text.matchAll(/\b(?:service|service_path|instance|instance_path):[a-z_]+:[a-z0-9_]+/g)];
    deepEqual(
      asked.map(([name]) => name).filter((name) => !recorded.has(name)),
      [],
    );
  });
});
