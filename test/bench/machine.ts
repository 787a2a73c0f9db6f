/**
 * Where and with what it was measured, for whoever compares the figures with their own.
 */
import { readFileSync } from "node:fs";
import { arch, cpus, loadavg, release, type as system, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { loadGenerator } from "./load.ts";
import { coresApart } from "./processes.ts";
import type { Variant } from "./variants.ts";

export const ROOT = resolve(import.meta.dirname, "../..");

interface PackageJson {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

function readPackageJson(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as PackageJson;
}

/** @throws Error where it is none of the benchmark's */
export function packageVersion(name: string): string {
  const version = name === "otel-red" ? readPackageJson(ROOT).version : peerVersions()[name];
  if (version === undefined) throw new Error(`${name} is not in test/bench/package.json`);
  return version;
}

function peerVersions(): PackageJson["dependencies"] {
  return readPackageJson(import.meta.dirname).dependencies;
}

/** The folder of test/apps/next whose Next.js is measured. */
export const NEXT_VERSION = "16";

const FRAMEWORKS = ["express", "fastify", "@nestjs/core", "koa", "hono"];

function nextVersion(): string | undefined {
  return readPackageJson(join(ROOT, "test/apps/next", NEXT_VERSION)).dependencies.next;
}

/** Lines of text. */
export function circumstances(compared: readonly Variant[]): string[] {
  const all = cpus();
  const cpu = `${all[0]?.model.trim() ?? "unknown CPU"}, ${all.length} cores`;
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const apart = coresApart() === undefined ? "server and load share the cores" : "server and load on a core each";
  const packages = [...new Set([...compared.flatMap((variant) => variant.packages), ...FRAMEWORKS])];
  return [
    `${new Date().toISOString().slice(0, 10)}, ${cpu}, ${memory}, ${system()} ${release()} ${arch()}, load average ${loadavg()[0]?.toFixed(2)} at the start`,
    `Node ${process.version}, load by ${loadGenerator().title}, ${apart}`,
    [...packages.map((name) => `${name} ${packageVersion(name)}`), `next ${nextVersion()}`].join(", "),
  ];
}
