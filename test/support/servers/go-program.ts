/** A server that is built from its Go modules, at its first use. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../app.ts";

const INSTALL = "npm run setup, or: https://go.dev/doc/install (1.21 or newer)";
/** For a test's timeout. From an empty module cache either of the two takes about 5 minutes on 2 cores. */
export const BUILD_MS = 15 * 60_000;

export interface GoProgram {
  readonly name: string;
  /** Of its go.mod. */
  readonly folder: string;
  /** Files in there that decide what is built. */
  readonly sources: readonly string[];
  /** The package that is built; default: the one in the folder. */
  readonly package?: string;
  readonly tags?: string;
}

/** @returns the path of the program; built once for each version of its sources. @throws Error with the remedy */
export function builtProgram({ name, folder, sources, package: built = ".", tags = "" }: GoProgram): string {
  const hash = createHash("sha256");
  for (const file of sources) hash.update(readFileSync(join(folder, file)));
  const cache = join(REPOSITORY, "node_modules/.cache/otel-red");
  const program = join(cache, `${name}-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(program)) return program;
  if (spawnSync("go", ["version"]).error)
    throw new Error(`Go is not installed, and builds the ${name} of this test; install it with: ${INSTALL}`);
  mkdirSync(cache, { recursive: true });
  const partial = `${program}.${process.pid}`;
  // without git, or as another user than the owner of the clone, Go cannot read its version
  const args = ["build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-tags", tags, "-o", partial, built];
  execFileSync("go", args, {
    cwd: folder,
    // an older Go, Debian's for example, is to fetch the one that go.mod asks for
    env: { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "auto" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  renameSync(partial, program);
  return program;
}
