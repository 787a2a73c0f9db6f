/**
 * The paths of Express 4, read back from the regular expressions that path-to-regexp 0.1 has compiled them to. Each is
 * proven: compiled again it is the same expression.
 */
import type { ExpressLayer } from "./layer.ts";

export interface Path4 {
  /** A string in Express's notation, or a regular expression as it was given. */
  readonly pattern: string | RegExp;
  readonly regexp: RegExp;
  readonly parameters: readonly string[];
}

type LayerClass = new (path: string, options: object, handler: () => void) => ExpressLayer;
type Keys = NonNullable<ExpressLayer["keys"]>;

/** How an expression ends that was compiled from a mount's string. */
const END = "(?=\\/|$)";

/** One for each path of an array, in order. */
export function decompile(layer: ExpressLayer): Path4[] {
  const { regexp, keys = [] } = layer;
  if (regexp === undefined) return [];
  // an application's own, in any case bounded
  if (!regexp.source.includes(END)) return [path4(regexp, regexp, keys)];
  let left = keys;
  return alternatives(regexp.source).map((source) => {
    const alternative = new RegExp(source, regexp.flags);
    const groups = countGroups(alternative);
    const own = left.slice(0, groups);
    left = left.slice(groups);
    const text = source.endsWith(END) ? decompileString(layer, alternative, own) : undefined;
    // the flags of an application's own expression are lost in an array
    return path4(text ?? new RegExp(source), alternative, own);
  });
}

function path4(pattern: string | RegExp, regexp: RegExp, keys: Keys): Path4 {
  return { pattern, regexp, parameters: keys.flatMap(({ name }) => (typeof name === "string" ? [name] : [])) };
}

/** An array is compiled to its paths' expressions with `|` in between, up to path-to-regexp 0.1.10 in a group. */
const ARRAY_IN_GROUP = /^\(\?:(?<inner>.*)\)$/s;

function alternatives(source: string): string[] {
  const inner = ARRAY_IN_GROUP.exec(source)?.groups?.inner ?? source;
  return inner.split(END).flatMap((text, i, { length }) => {
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

function decompileString(layer: ExpressLayer, regexp: RegExp, keys: Keys): string | undefined {
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
  const again = new Layer4(pattern, options, () => {});
  const isSame = again.regexp?.source === regexp.source && String(again.keys?.map(nameOf)) === String(keys.map(nameOf));
  return isSame ? pattern : undefined;
}

function nameOf({ name }: Keys[number]): string | number {
  // groups are numbered over all paths of an array
  return typeof name === "number" ? 0 : name;
}
