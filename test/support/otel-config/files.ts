/** The files of otel-config/, as a user copies them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { REPOSITORY } from "../app.ts";

export const OTEL_CONFIG = join(REPOSITORY, "otel-config");

export function readConfig(path: string): string {
  return readFileSync(join(OTEL_CONFIG, path), "utf8");
}

/** All documents of a YAML text. @throws Error with line and column where it is none */
export function parseYaml(text: string): unknown[] {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return document.toJS() as unknown;
  });
}

export const readYaml = (path: string) => parseYaml(readConfig(path));
