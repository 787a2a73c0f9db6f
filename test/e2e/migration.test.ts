/** docs/migration.md: promtool reads its queries and its scrape configuration, and what it says of us is what there is. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Histogram, Registry } from "prom-client";
import { PATH_LABEL } from "../../src/config/red-variables.ts";
import {
  DEFAULT_DURATION_BUCKETS,
  FAMILIES,
  LABEL_METHOD,
  LABEL_SERVICE,
  LABEL_STATUS_CODE,
} from "../../src/view/red.ts";
import { REPOSITORY } from "../support/app.ts";
import { fencedBlocks } from "../support/otel-config/guide.ts";
import { promtool } from "../support/rules/promtool.ts";

const LABELS = [LABEL_METHOD, LABEL_STATUS_CODE, PATH_LABEL.fallback, LABEL_SERVICE];
const HISTOGRAM = FAMILIES.duration.name;
const SAMPLES = new Set<string>([
  ...Object.values(FAMILIES).map(({ name }) => name),
  ...["_bucket", "_sum", "_count"].map((suffix) => HISTOGRAM + suffix),
]);
const QUESTIONS = 3;
const AFTER = "After";
const TOGETHER = "Both for a while";

const page = readFileSync(join(REPOSITORY, "docs/migration.md"), "utf8");
const sections = new Map(
  [...page.matchAll(/^## (.+)\n([\s\S]*?)(?=^## |(?![\s\S]))/gm)].map(([, title = "", text = ""]) => [title, text]),
);
const queriesOf = (text = "") => fencedBlocks(text, "promql").map(({ code }) => code);
const sources = [...sections].filter(([title]) => title !== AFTER && title !== TOGETHER);

/** What a query selects of the metrics of requests, and the labels that it matches or groups by. */
function namesIn(promql: string): { metrics: string[]; labels: string[] } {
  const matched = [...promql.matchAll(/(\w+)\s*[=!]~?\s*"/g)].map(([, label = ""]) => label);
  const grouped = [...promql.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/,\s*/));
  return {
    metrics: [...promql.matchAll(/\b(?:before_)?http_\w+(?=[[{])/g)].map(([name]) => name),
    labels: [...matched, ...grouped],
  };
}

/** The cells of a row in each table of a text, but for its title. */
function row(text: string, title: string): string[] {
  const cells = new RegExp(`^\\| ${title} \\|(.*)\\|$`, "m").exec(text)?.[1];
  return cells?.split("|").map((cell) => cell.trim()) ?? [];
}

const numbersIn = (text = "") => [...text.matchAll(/\d+(?:\.\d+)?/g)].map(Number);

describe("docs/migration.md", function () {
  this.timeout(60_000);

  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "otel-red-migration-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("has the same questions before, for each source, and after", () => {
    equal(sources.length, 5);
    for (const [title, text] of [...sources, [AFTER, sections.get(AFTER)] as const]) {
      const queries = queriesOf(text);
      equal(queries.length, QUESTIONS, title);
      for (const [index, shape] of [/^sum by \(/, /=~"5\.\."/, /^histogram_quantile\(0\.95/].entries())
        ok(shape.test(queries[index] as string), `${title}: ${queries[index]}`);
    }
  });

  it("has queries that promtool takes", () => {
    const queries = queriesOf(page);
    ok(queries.length >= QUESTIONS * (sources.length + 1));
    const rules = queries.map((expr, index) => ({ record: `query:${index}`, expr }));
    const file = join(folder, "rules.yml");
    // JSON is YAML
    writeFileSync(file, JSON.stringify({ groups: [{ name: "migration", rules }] }));
    const { ok: taken, said } = promtool("check", "rules", file);
    ok(taken, said);
    ok(said.includes(`${queries.length} rules found`), said);
  });

  it("has a scrape configuration that promtool takes, in which no name of ours is left to the old job", () => {
    const [block] = fencedBlocks(sections.get(TOGETHER) ?? "", "yaml");
    const file = join(folder, "prometheus.yml");
    writeFileSync(file, block?.code ?? "");
    const { ok: taken, said } = promtool("check", "config", file);
    ok(taken, said);
    const renamed = new RegExp(`^(?:${/regex: (.*)/.exec(block?.code ?? "")?.[1]})$`);
    // the others are otel-red's alone
    for (const name of SAMPLES) equal(renamed.test(name), !name.startsWith("otel_red_"), name);
  });

  it("asks, after, for metrics and labels that there are", () => {
    const after = queriesOf(sections.get(AFTER)).map(namesIn);
    ok(after.every(({ metrics, labels }) => metrics.length > 0 && labels.length > 1));
    const unknown = after.flatMap(({ metrics, labels }) => [
      ...metrics.filter((name) => !SAMPLES.has(name)),
      ...labels.filter((label) => label !== "le" && !LABELS.includes(label)),
    ]);
    deepEqual(unknown, []);
    const together = queriesOf(sections.get(TOGETHER)).flatMap((query) => namesIn(query).metrics);
    deepEqual(
      together.filter((name) => !name.startsWith("before_") && !SAMPLES.has(name)),
      [],
    );
    ok(together.some((name) => name.startsWith("before_")));
  });

  it("says our labels, metrics and buckets as they are", () => {
    for (const [title, text] of sources) {
      const [, labels = ""] = row(text, "labels");
      deepEqual([...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).sort(), [...LABELS].sort(), title);
      const [, metrics = ""] = row(text, "metrics");
      for (const [, name = ""] of metrics.matchAll(/`(http_\w+)`/g)) ok(SAMPLES.has(name), `${title}: ${name}`);
      const [before = "", here = ""] = row(text, "buckets");
      const ours = here.startsWith("without the last two") ? numbersIn(before).slice(0, -2) : numbersIn(here);
      deepEqual(ours, DEFAULT_DURATION_BUCKETS, title);
    }
  });

  it("says prom-client's buckets as they are", async () => {
    const registers = [new Registry()];
    const { values } = await new Histogram({ name: "a", help: "a", registers }).get();
    const bounds = values.map(({ labels }) => labels.le).filter((le) => typeof le === "number");
    for (const title of ["prom-client, a middleware by hand", "fastify-metrics"])
      deepEqual(numbersIn(row(sections.get(title) ?? "", "buckets")[0]), bounds, title);
  });
});
