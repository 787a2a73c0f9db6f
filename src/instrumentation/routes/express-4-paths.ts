/**
 * The paths of Express 4, read back from the regular expressions that path-to-regexp 0.1 has compiled them to. Each is
 * proven: compiled again it is the same expression.
 */
import type { Layer } from "./express-tree.ts";

export interface Path4 {
  /** A string in Express's notation, or a regular expression as it was given. */
  readonly pattern: string | RegExp;
  readonly regexp: RegExp;
  readonly parameters: readonly string[];
}

type LayerClass = new (path: string, options: object, handler: () => void) => Layer;
type Keys = NonNullable<Layer["keys"]>;

/** How an expression ends that was compiled from a mount's string. */
const END = "(?=\\/|$)";

/** One for each path of an array, in order. None where they cannot be read back. */
export function decompile(layer: Layer): Path4[] {
  const { regexp, keys = [] } = layer;
  if (regexp === undefined) return [];
  if (!regexp.source.includes(END)) return [path4(regexp, regexp, keys)];
  const paths: Path4[] = [];
  let left = keys;
  for (const source of alternatives(regexp.source)) {
    const alternative = new RegExp(source, regexp.flags);
    const groups = countGroups(alternative);
    const pattern = source.endsWith(END) ? decompileString(layer, alternative, left.slice(0, groups)) : alternative;
    if (pattern === undefined) return [];
    paths.push(path4(pattern instanceof RegExp ? new RegExp(source) : pattern, alternative, left.slice(0, groups)));
    left = left.slice(groups);
  }
  return paths;
}

function path4(pattern: string | RegExp, regexp: RegExp, keys: Keys): Path4 {
  return { pattern, regexp, parameters: keys.flatMap(({ name }) => (typeof name === "string" ? [name] : [])) };
}

/** An array is compiled to its paths' expressions with `|` in between. */
function alternatives(source: string): string[] {
  return source.split(END).flatMap((text, i, { length }) => {
    const rest = i === 0 ? text : text.replace(/^\|/, "");
    if (i === length - 1) return rest === "" ? [] : [rest];
    // a regular expression does not end like a string's, so the string after it is in the same piece
    const start = rest.lastIndexOf("|^");
    return start === -1 ? [rest + END] : [rest.slice(0, start), rest.slice(start + 1) + END];
  });
}

function countGroups(regexp: RegExp): number {
  return (new RegExp(`${regexp.source}|`, regexp.flags).exec("")?.length ?? 1) - 1;
}

/** `(?:\/([^\/]+?))?` is `/:name?`; a star puts a group of its own behind, a constraint takes the place of the first. */
const PARAMETER =
  /(?<before>\\\/)?\(\?:(?<dot>\\\.)?(?<slash>\\?\/)?(?<capture>\(\[\^[^\]]*\]\+\?\)|\(\(\?:\(\?!.*?\)\.\)\+\?\)|\((?!\?).*?\))(?<star>\(\(\?:\[[^\]]*\]\.\+\?\)\?\))?\)(?<optional>\?)?/g;
const ANY_SEGMENT = /^\((?:\[\^[^\]]*\]\+\?|\(\?:\(\?!.*\)\.\)\+\?)\)$/;

function decompileString(layer: Layer, regexp: RegExp, keys: Keys): string | undefined {
  const names = keys.flatMap(({ name }) => (typeof name === "string" ? [name] : []));
  const pattern = regexp.source
    .slice("^".length, -END.length)
    .replace(/\\\/\?$/, "")
    .replace(PARAMETER, (...match) => {
      const { before, dot, slash, capture, star, optional } = match.at(-1) as Record<string, string | undefined>;
      const constraint = ANY_SEGMENT.test(capture ?? "") ? "" : (capture ?? "").replaceAll("(.*)", "*");
      const separator = ((before ?? slash) ? "/" : "") + (dot === undefined ? "" : ".");
      return `${separator}:${names.shift()}${constraint}${star === undefined ? "" : "*"}${optional ?? ""}`;
    })
    .replaceAll("(.*)", "*")
    .replaceAll("\\/", "/")
    .replaceAll("/(?:", "/(")
    .replaceAll("\\.", ".");
  const Layer4 = layer.constructor as unknown as LayerClass;
  const options = { sensitive: !regexp.flags.includes("i"), strict: false, end: false };
  const again = new Layer4(pattern, options, () => {}).regexp?.source;
  return again === regexp.source ? pattern : undefined;
}
