/** Nothing outside `routes/` and `cli/` knows a framework by name: neither an import nor an identifier. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SOURCES = join(import.meta.dirname, "../../src");
const ROUTES = "instrumentation/routes/";

/** The names in the list of frameworks, which are those of their files. */
const FRAMEWORKS = [
  ...readFileSync(join(SOURCES, ROUTES, "frameworks.ts"), "utf8").matchAll(/^import \{ (\w+) \} from/gm),
].map(([, name = ""]) => name.toLowerCase());

/** Ordinary words, too: only an import of them is a framework's. */
const WORDS = ["next", "connect"];

const COMMENT_OR_TEXT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|(["'`])(?:\\.|(?!\1)[^\\])*\1/g;
const IMPORTED = /\b(?:from|import|require)\s*\(?\s*(["'`])([^"'`\n]+)\1/g;

/** `observeKoaRoutes` is observe, koa, routes. */
function wordsOf(identifier: string): string[] {
  return identifier.split(/(?=[A-Z])|[_$\d]+/).map((word) => word.toLowerCase());
}

function namesIn(source: string): string[] {
  const imports = [...source.matchAll(IMPORTED)].flatMap(([, , path = ""]) => path.toLowerCase().split(/[^a-z\d]+/));
  const code = source.replace(COMMENT_OR_TEXT, '""');
  const identifiers = [...code.matchAll(/[A-Za-z_$][\w$]*/g)].flatMap(([identifier]) => [
    identifier.toLowerCase(),
    ...wordsOf(identifier),
  ]);
  return [
    ...imports.filter((word) => FRAMEWORKS.includes(word)),
    ...identifiers.filter((word) => FRAMEWORKS.includes(word) && !WORDS.includes(word)),
  ];
}

describe("frameworks outside of their room", () => {
  it("finds what it looks for", () => {
    assert.ok(
      ["express", "koa", "h3", "next"].every((name) => FRAMEWORKS.includes(name)),
      FRAMEWORKS.join(", "),
    );
    for (const [source, names] of [
      ['import { x } from "./routes/koa.ts";', ["koa"]],
      ['import type { y } from "../routes/next.ts";', ["next"]],
      ["const isExpressRoute = true;", ["express"]],
      ["class H3 {}", ["h3"]],
      ["function observe_hapi() {}", ["hapi"]],
      ["// Express, Koa and hapi", []],
      ['const text = "fastify";', []],
      ["const { next, connect, nested, expression } = options;", []],
    ] as const)
      assert.deepEqual([...new Set(namesIn(source))], names, source);
  });

  const outside = globSync("**/*.ts", { cwd: SOURCES }).filter(
    (file) => !file.startsWith(ROUTES) && !file.startsWith("cli/"),
  );
  for (const file of outside) it(file, () => assert.deepEqual(namesIn(readFileSync(join(SOURCES, file), "utf8")), []));
});
