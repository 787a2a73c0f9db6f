/** The applications of test/apps/telemetry, whose packages are installed when they are first asked for. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./app.ts";
import { run } from "./run.ts";

export const TELEMETRY = join(REPOSITORY, "test/apps/telemetry");

/** @throws Error with what npm has said where they cannot be had */
export async function installTelemetry(): Promise<void> {
  const installed = join(TELEMETRY, "node_modules/.package-lock.json");
  const wanted = join(TELEMETRY, "package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { exit, stdout, stderr } = await run({ command: "npm", args, cwd: TELEMETRY, deadlineSeconds: 280 });
  if (exit !== 0) throw new Error(`npm ci in ${TELEMETRY} has failed: ${stdout}${stderr}`);
}
