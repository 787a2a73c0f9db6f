/** Debian's Chromium, which looks at a page and keeps what it saw. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "./page.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];
const DRAWN_MS = 5000;

/** @returns the command. @throws Error with the command that installs it. */
export function requireChromium(): string {
  const found = NAMES.find((name) => spawnSync(name, ["--version"]).status === 0);
  if (found !== undefined) return found;
  throw new Error(
    "chromium is not installed; install it with: npm run setup, or: apt-get update && apt-get install -y chromium",
  );
}

/** Writes a PNG. */
export function takePicture(browser: string, { html, width, height }: Page, path: string): void {
  const folder = mkdtempSync(join(tmpdir(), "otel-red-picture-"));
  try {
    const file = join(folder, "page.html");
    writeFileSync(file, html);
    const options = [
      "--headless",
      "--no-sandbox", // as root, in a container; the page is our own
      "--disable-gpu",
      "--hide-scrollbars",
      `--user-data-dir=${folder}`,
      `--window-size=${width},${height}`,
      `--virtual-time-budget=${DRAWN_MS}`,
      `--screenshot=${path}`,
    ];
    execFileSync(browser, [...options, pathToFileURL(file).href], { stdio: ["ignore", "ignore", "pipe"] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
