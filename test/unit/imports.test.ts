/** The files of `src/` import one another in one direction only: no file reaches itself. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const SOURCES = join(import.meta.dirname, "../../src");
const IMPORTED = /\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+\.ts)"/g;

type Graph = ReadonlyMap<string, readonly string[]>;

function importsOf(file: string): string[] {
  const source = readFileSync(file, "utf8");
  return [...source.matchAll(IMPORTED)].map(([, path = ""]) => join(dirname(file), path));
}

/** The first circle that is met, as a path that ends where it begins. */
function circleIn(graph: Graph): string[] | undefined {
  const finished = new Set<string>();
  function from(file: string, path: readonly string[]): string[] | undefined {
    const start = path.indexOf(file);
    if (start !== -1) return [...path.slice(start), file];
    if (finished.has(file)) return undefined;
    for (const imported of graph.get(file) ?? []) {
      const circle = from(imported, [...path, file]);
      if (circle !== undefined) return circle;
    }
    finished.add(file);
    return undefined;
  }
  for (const file of graph.keys()) {
    const circle = from(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

describe("imports", () => {
  const files = globSync("**/*.ts", { cwd: SOURCES }).map((file) => join(SOURCES, file));
  const graph: Graph = new Map(files.map((file) => [file, importsOf(file)]));

  it("form no circle, types included", () => {
    assert.ok(graph.size > 100, `${graph.size} files`);
    assert.deepEqual(
      circleIn(graph)?.map((file) => relative(SOURCES, file)),
      undefined,
    );
  });

  it("are followed: a circle is found", () => {
    const back = files.find((file) => file.endsWith("view/red.ts")) as string;
    const start = files.find((file) => file.endsWith("/start.ts")) as string;
    assert.ok(circleIn(new Map([...graph, [back, [start]]]))?.includes(start));
  });
});
