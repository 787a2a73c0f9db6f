/** otel-config/README.md as the tests read it. */
import { readConfig } from "./files.ts";

const FENCED = /```(\w+)\n([\s\S]*?)```/g;

/** The code blocks of a language, each under the line of text before it. */
export function codeBlocks(language: string): Map<string, string> {
  const text = readConfig("README.md");
  return new Map(
    fencedBlocks(text, language).map(({ index, code }) => [
      text.slice(0, index).trimEnd().split("\n").at(-1) ?? "",
      code,
    ]),
  );
}

/** The code blocks of a language in any Markdown, in their order, and where they begin. */
export function fencedBlocks(text: string, language: string): { readonly index: number; readonly code: string }[] {
  return [...text.matchAll(FENCED)]
    .filter(([, name]) => name === language)
    .map(({ index, 2: code = "" }) => ({ index, code: dedented(code) }));
}

/** Without the indentation of the list that it stands in. */
function dedented(code: string): string {
  const indentation = /^ */.exec(code)?.[0] ?? "";
  return code.replaceAll(`\n${indentation}`, "\n").trim();
}

/** Where the links and pictures lead to that stay in the repository. */
export function localLinks(): string[] {
  return [...readConfig("README.md").matchAll(/\]\(([^)#]+)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^\w+:/.test(target));
}

/** What people are to type: each line of the shell blocks, and of what is in the text as code. */
export function commands(): string[] {
  const text = readConfig("README.md");
  const blocks = [...text.matchAll(FENCED)].filter(([, language]) => language === "sh").map(([, , code = ""]) => code);
  const inText = [...text.replace(FENCED, "").matchAll(/`((?:npx|npm|docker|prometheus) [^`]+)`/g)].map(
    ([, code = ""]) => code,
  );
  return [...blocks.flatMap((block) => block.trim().split("\n")), ...inText];
}
