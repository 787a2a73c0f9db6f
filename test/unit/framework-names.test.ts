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

/** Not the two slashes of a URL. Texts are not left out: they have no business naming a framework either. */
const COMMENT = /\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*/g;
const IMPORTED = /\b(?:from|import|require)\s*\(?\s*(["'`])([^"'`\n]+)\1/g;

/** `observeKoaRoutes` is observe, koa, routes; and, as names may be written in two words, observekoa, koaroutes. */
function wordsOf(identifier: string): string[] {
  const words = identifier.split(/(?<=[a-z\d])(?=[A-Z])|[_$]+/).map((word) => word.toLowerCase());
  return [...words, ...words.slice(1).map((word, index) => `${words[index]}${word}`)];
}

function namesIn(source: string): string[] {
  const imports = [...source.matchAll(IMPORTED)].flatMap(([, , path = ""]) => path.toLowerCase().split(/[^a-z\d]+/));
  const words = [...source.replace(COMMENT, "").matchAll(/[A-Za-z_$][\w$]*/g)].flatMap(([name]) => wordsOf(name));
  return [
    ...imports.filter((word) => FRAMEWORKS.includes(word)),
    ...words.filter((word) => FRAMEWORKS.includes(word) && !WORDS.includes(word)),
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
      ["function observeH3() {}", ["h3"]],
      ["const adonisJsServer = 1;", ["adonisjs"]],
      ['/"/; const isExpressRoute = true; const text = "x";', ["express"]],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a template
      ["`${koaRouter}`", ["koa"]],
      ["// Express, Koa and hapi", []],
      ['const page = "https://x"; const fastify = 1;', ["fastify"]],
      ["const { next, connect, nested, expression } = options;", []],
    ] as const)
      assert.deepEqual([...new Set(namesIn(source))], names, source);
  });

  const outside = globSync("**/*.ts", { cwd: SOURCES }).filter(
    (file) => !file.startsWith(ROUTES) && !file.startsWith("cli/"),
  );
  for (const file of outside) it(file, () => assert.deepEqual(namesIn(readFileSync(join(SOURCES, file), "utf8")), []));
});
