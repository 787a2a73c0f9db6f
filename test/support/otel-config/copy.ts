/**
 * Copies of the files in otel-config/ for servers on other ports, or for a test that has no hour to wait. What is changed
 * is changed in the text of the files, by rule, and everything else is theirs.
 */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { OTEL_CONFIG, readConfig } from "./files.ts";

export type Change = (text: string) => string;

/** Copies a folder of otel-config/, each of its YAML files with these changes. */
export function copyConfig(folder: string, to: string, ...changes: readonly Change[]): void {
  const files = readdirSync(join(OTEL_CONFIG, folder), { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => /\.ya?ml$/.test(name))) {
    const copy = join(to, file);
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(
      copy,
      changes.reduce((text, change) => change(text), readConfig(join(folder, file))),
    );
  }
}

/** Other ports for what the files look for on this machine: `{ 9464: 40123 }`. */
export function onPorts(ports: Readonly<Record<number, number>>): Change {
  return (text) =>
    text.replace(/\b(localhost|127\.0\.0\.1|0\.0\.0\.0):(\d+)\b/g, (address, host: string, port: string) => {
      const other = ports[Number(port)];
      return other === undefined ? address : `${host}:${other}`;
    });
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const AMOUNT = /(\d+)(ms|[smhdw])/g;
/** Where Prometheus and Alertmanager take a duration: in a range or subquery, behind `offset`, and as the value of these keys. */
const PLACES = [
  /\[[\dsmhdw:]+\]/g,
  /\boffset [\dsmhdw]+\b/g,
  /^[ -]*\w*(?:for|interval|timeout|wait): *[\dsmhdw]+ *$/gm,
];

/** A scrape has no longer than from one to the next, and on a busy machine wants more than a quarter of a second. */
const SHORTEST_MS = 1000;

/**
 * Every duration so many times shorter, but a second at least: what an alert sees in an hour then happens in a minute. Nothing
 * else is changed.
 */
export function hastened(factor: number): Change {
  const shorter = (durations: string) =>
    durations.replace(AMOUNT, (_, amount: string, unit: string) => {
      const ms = Math.round((Number(amount) * (UNIT_MS[unit] as number)) / factor);
      return `${Math.max(SHORTEST_MS, ms)}ms`;
    });
  return (text) => PLACES.reduce((changed, place) => changed.replace(place, shorter), text);
}
