/**
 * The share of a CPU profile that is spent below functions of some source files, with all that they call. The bundles in
 * dist/ hold many source files; their source maps tell which one a function is from.
 */
import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

interface Node {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly children?: readonly number[];
}

/** https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export interface TimesProfile {
  readonly nodes: readonly Node[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
}

const IDLE = "(idle)";

export interface SourceShare {
  /** Of the time on the clock, from 0 to 1: of one core. */
  readonly ofCore: number;
  /** Of the time in which the process was not idle. */
  readonly ofBusy: number;
}

/**
 * @param folder part of the path of the source files, such as `src/group/`
 * @throws Error where no function of these files is in the profile: it is not one of this program
 */
export function shareOfSources({ nodes, samples, timeDeltas }: TimesProfile, folder: string): SourceShare {
  const sources = new Sources();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const below = new Set<number>();
  const mark = (node: Node, isBelow: boolean) => {
    const isOurs = isBelow || sources.sourceOf(node).includes(folder);
    if (isOurs) below.add(node.id);
    for (const child of node.children ?? []) mark(byId.get(child) as Node, isOurs);
  };
  mark(nodes[0] as Node, false);
  if (below.size === 0) throw new Error(`the profile has no function of ${folder}`);
  let ours = 0;
  let idle = 0;
  let all = 0;
  for (const [index, id] of samples.entries()) {
    const microseconds = timeDeltas[index] as number;
    all += microseconds;
    if (below.has(id)) ours += microseconds;
    if (byId.get(id)?.callFrame.functionName === IDLE) idle += microseconds;
  }
  return { ofCore: ours / all, ofBusy: ours / (all - idle) };
}

class Sources {
  readonly #maps = new Map<string, SourceMap | undefined>();

  sourceOf({ callFrame: { url, lineNumber, columnNumber } }: Node): string {
    if (!this.#maps.has(url)) this.#maps.set(url, readMap(url));
    const entry = this.#maps.get(url)?.findEntry(lineNumber, columnNumber);
    return entry !== undefined && "originalSource" in entry ? entry.originalSource : url;
  }
}

function readMap(url: string): SourceMap | undefined {
  const file = `${url.startsWith("file:") ? fileURLToPath(url) : url}.map`;
  if (!file.startsWith("/") || !existsSync(file)) return undefined;
  return new SourceMap(JSON.parse(readFileSync(file, "utf8")));
}
