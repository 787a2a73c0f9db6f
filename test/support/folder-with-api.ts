/** An application's folder with its own `@opentelemetry/api`, of any version that the repository has. */
import { cpSync, mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REPOSITORY } from "./app.ts";

export const API_VERSIONS = { "1.9.0": "otel-api-1.9.0", "1.9.1": "otel-api-1.9.1", "1.10.0": "@opentelemetry/api" };
export type ApiVersion = keyof typeof API_VERSIONS;

/** Copies the application there; the caller removes the folder. Without a version there is no API to be found. */
export function folderWithApi(application: string, version: ApiVersion | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), "otel-red-api-"));
  cpSync(application, folder, { recursive: true });
  mkdirSync(join(folder, "node_modules/@opentelemetry"), { recursive: true });
  if (version !== undefined) {
    symlinkSync(
      join(REPOSITORY, "node_modules", API_VERSIONS[version]),
      join(folder, "node_modules/@opentelemetry/api"),
    );
  }
  return folder;
}
