/** README.md and docs/: that their links lead somewhere, and that what they say twice, or of the sources, is what there is. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import * as otelVariables from "../../src/config/otel-variables.ts";
import * as redVariables from "../../src/config/red-variables.ts";
import type { Variable } from "../../src/config/variable.ts";
import { FAMILIES } from "../../src/view/red.ts";
import { REPOSITORY } from "../support/app.ts";

const read = (path: string) => readFileSync(join(REPOSITORY, path), "utf8");
const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...globSync(["docs/*.md", "otel-config/**/*.md"], { cwd: REPOSITORY }),
];
const { files, scripts } = JSON.parse(read("package.json")) as { files: string[]; scripts: Record<string, string> };

const isPacked = (path: string) =>
  path === "README.md" || files.some((file) => path === file || path.startsWith(`${file}/`));
const isRemote = (target: string) => /^\w+:/.test(target);

/** Where the links and pictures of a page lead: a path from the root, and the part of the page. */
function linksOf(page: string): { path: string; anchor: string }[] {
  return [...read(page).matchAll(/\]\(([^)]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !isRemote(target))
    .map((target) => {
      const [path = "", anchor = ""] = target.split("#");
      return { path: path === "" ? page : normalize(join(dirname(page), path)), anchor };
    });
}

/** The anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (page: string) =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );

/** The cells of each row of a page's tables. */
const rowsOf = (page: string) =>
  [...read(page).matchAll(/^\|(.+)\|$/gm)].map(([, row = ""]) => row.split("|").map((cell) => cell.trim()));

const isVariable = (each: unknown): each is Variable<unknown> =>
  typeof each === "object" && each !== null && "fallback" in each && "parse" in each;

const codeIn = (text = "") => [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);

describe("README.md and docs/", () => {
  for (const page of PAGES)
    it(`${page} links to what is there`, () => {
      for (const { path, anchor } of linksOf(page)) {
        ok(existsSync(join(REPOSITORY, path)), path);
        if (anchor !== "") ok(anchorsOf(path).includes(anchor), `${path}#${anchor}`);
      }
    });

  for (const page of PAGES.filter(isPacked))
    it(`${page} links to nothing that is not in the package`, () => {
      deepEqual(
        linksOf(page).filter(({ path }) => !isPacked(path)),
        [],
      );
    });

  it("name scripts that package.json has", () => {
    for (const page of PAGES)
      for (const [, script = ""] of read(page).matchAll(/\bnpm run ([\w:-]+)/g))
        ok(script in scripts, `${page}: ${script}`);
  });

  it("docs/configuration.md has every variable with its default", () => {
    const exported: unknown[] = Object.values({ ...otelVariables, ...redVariables });
    const variables = exported.filter(isVariable);
    ok(variables.length > 20);
    const defaults = new Map(
      rowsOf("docs/configuration.md").flatMap(([names, values]) =>
        codeIn(names).map((name, index, all) => {
          const said = codeIn(values);
          // several variables, and as many defaults
          return [name, said.length === all.length && all.length > 1 ? [said[index]] : said] as const;
        }),
      ),
    );
    for (const { name, fallback } of variables) {
      const said = defaults.get(name);
      ok(said !== undefined, name);
      // an empty one is another variable's value, or computed
      if (fallback !== "")
        deepEqual(
          said.flatMap((each) => each?.split(",")),
          [fallback].flat().map(String),
          name,
        );
    }
  });

  it("docs/metrics.md has every family", () => {
    const named = rowsOf("docs/metrics.md").flatMap(([names]) => codeIn(names));
    for (const { name } of Object.values(FAMILIES)) ok(named.includes(name), name);
  });

  it("README.md repeats rows of docs/", () => {
    const there = new Set(["configuration", "metrics"].flatMap((page) => read(`docs/${page}.md`).split("\n")));
    const rows = read("README.md")
      .split("\n")
      .filter((line) => /^\| `(?:OTEL|RED|http|otel_red)_/.test(line))
      .map((line) => line.replaceAll("](docs/", "]("));
    ok(rows.length > 10);
    deepEqual(
      rows.filter((row) => !there.has(row)),
      [],
    );
  });

  it("README.md repeats figures of docs/benchmarks.md", () => {
    const [titles = []] = rowsOf("docs/benchmarks.md");
    const columns = rowsOf("README.md").find((cells) => cells.includes("otel-red light")) ?? [];
    const figures = rowsOf("README.md").filter(([title]) => title?.startsWith("CPU per request"));
    ok(figures.length > 2);
    for (const [title, ...cells] of figures) {
      const row = rowsOf("docs/benchmarks.md").find(([each]) => each === title) ?? [];
      for (const [index, cell] of cells.entries()) {
        const there = row[titles.indexOf(columns[index + 1] as string)];
        equal(/^\*\*(.+?)\*\*/.exec(there ?? "")?.[1], cell, `${title}, ${columns[index + 1]}`);
      }
    }
  });

  it("docs/architecture.md names folders that are there", () => {
    const named = rowsOf("docs/architecture.md").flatMap(([folder]) => codeIn(folder));
    ok(named.length > 10);
    for (const folder of named) ok(existsSync(join(REPOSITORY, folder)), folder);
  });
});
