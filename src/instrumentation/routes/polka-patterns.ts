/**
 * Patterns of polka 1, read back from the regular expressions that regexparam has made of them: polka keeps nothing else.
 * https://github.com/lukeed/regexparam/blob/main/src/index.js
 */

/** What a segment of a pattern has become, and how it was written; `key` stands for the next name. */
const PARTS: readonly (readonly [source: string, text: (key: string) => string])[] = [
  ["(?:\\/(.*))?", () => "/*?"],
  ["\\/(.*)", () => "/*"],
  ["(?:\\/([^/]+?))?", (key) => `/:${key}?`],
  ["\\/([^/]+?)", (key) => `/:${key}`],
  ["\\/", () => "/"],
  ["\\.", () => "."],
];

const ROUTE_END = "\\/?$";
const MOUNT_END = "(?=$|\\/)";

export interface ParsedPattern {
  readonly text: string;
  /** It takes what is below it as well, as `use()` does. */
  readonly isMount: boolean;
}

/** @param keys the names of its parameters, or false where it was a regular expression to begin with */
export function parsedPattern(pattern: RegExp, keys: readonly string[] | false): ParsedPattern {
  if (keys === false) return { text: String(pattern), isMount: false };
  const isMount = pattern.source.endsWith(MOUNT_END);
  let rest = pattern.source.slice(1, -(isMount ? MOUNT_END : ROUTE_END).length);
  const names = keys.values();
  let text = "";
  while (rest !== "") {
    const part = PARTS.find(([source]) => rest.startsWith(source));
    const [source, write] = part ?? [rest.slice(0, 1), () => rest.slice(0, 1)];
    text += write(source.includes("(") ? String(names.next().value) : "");
    rest = rest.slice(source.length);
  }
  return { text: text || "/", isMount };
}
