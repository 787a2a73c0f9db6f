/**
 * From what tsc emits for each source to one declaration file with the public API and what it refers to.
 *
 * tsc's own output is regular enough to be read line by line, and a test compiles against the result.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*/g;
const DECLARED =
  /^(?:export )?(?:declare )?(?:abstract )?(?:class|const|enum|function|interface|namespace|type) (\w+)/m;
const FROM = /^(?:import|export) ([^;]*) from "([^"]+)"/;
const NAME = /(?:\w+ as )?\b(?!type\b)(\w+)/g;
const OURS = /^\..*\.ts$/;

interface Emitted {
  /** Statements of the file by the names they declare; an overloaded function has several. */
  readonly declared: Map<string, string[]>;
  /** Files by the names that come from them under the same name; undefined where they come from elsewhere. */
  readonly from: Map<string, string | undefined>;
}

/** A top-level statement begins at the margin; the comment before it is part of it. */
function statements(source: string): string[] {
  return source.split(/^(?=\/\*\*|(?<!\*\/\n)(?:export|declare|import|interface|type|class|abstract)\b)/m);
}

function read(path: string): Emitted {
  const file: Emitted = { declared: new Map(), from: new Map() };
  for (const statement of statements(readFileSync(path, "utf8"))) {
    const code = statement.replace(COMMENT, "").trim();
    const name = DECLARED.exec(code)?.[1];
    if (name !== undefined) file.declared.set(name, [...(file.declared.get(name) ?? []), statement.trim()]);
    const [, names = "", specifier = ""] = FROM.exec(code) ?? [];
    for (const [renaming, local = ""] of names.matchAll(NAME)) {
      const followed = renaming === local && names.includes("{") && OURS.test(specifier);
      file.from.set(local, followed ? join(dirname(path), specifier.replace(/\.ts$/, ".d.ts")) : undefined);
    }
  }
  return file;
}

/**
 * The text of the one file: the exports of `entry`, which only re-exports, and every type that they need.
 *
 * @throws if one of them comes from a package, which every user would have to install, or under another name, which is
 *   not followed.
 */
export function declarations(entry: string): string {
  const files = new Map<string, Emitted>();
  const result = new Map<string, { path: string; text: string }>();

  function add(name: string, path: string): void {
    const file = files.get(path) ?? read(path);
    files.set(path, file);
    const elsewhere = file.from.get(name);
    if (elsewhere !== undefined) {
      add(name, elsewhere);
      return;
    }
    const declared = file.declared.get(name);
    if (declared === undefined) throw new Error(`${path}: the public types need ${name}, which is not declared by us`);
    const known = result.get(name);
    if (known?.path === path) return;
    if (known !== undefined) throw new Error(`the public types reach ${name} of both ${known.path} and ${path}`);
    const text = declared
      .map((each) => each.replace(/^(?:export )?(?:declare )?(?=\w)/m, "export declare "))
      .join("\n");
    result.set(name, { path, text: text.replace(/^export declare (?=interface|type)/m, "export ") });
    for (const [word] of declared
      .join("\n")
      .replace(COMMENT, "")
      .matchAll(/\b[A-Za-z_]\w*\b/g)) {
      if (file.declared.has(word) || file.from.has(word)) add(word, path);
    }
  }

  for (const name of read(entry).from.keys()) add(name, entry);
  return `${[...result.values()].map(({ text }) => text).join("\n\n")}\n`;
}
