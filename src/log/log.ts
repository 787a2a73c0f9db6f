/**
 * What we say, on stderr, one line at a time; never stdout, never through the application's own logger.
 */
import { writeSync } from "node:fs";
import type { LogLevel } from "../config/otel-variables.ts";
import { printable } from "../config/variable.ts";

export interface Log {
  /** Something is wrong, and metrics are missing because of it. */
  error(message: string): void;
  /** Something is not as it was asked for. */
  warn(message: string): void;
  /** Worth knowing, said only when asked for by OTEL_LOG_LEVEL=info. */
  info(message: string): void;
}

const SEVERITIES: readonly LogLevel[] = ["none", "error", "warn", "info"];
const STDERR = 2;

/** Whether this is written at the level, the least severe that is; those more talkative than `info` write all there is. */
export function isWritten(severity: LogLevel, level: LogLevel): boolean {
  return !SEVERITIES.includes(level) || SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(level);
}

/** @param level the least severe that is written */
export function createLog(level: LogLevel, write: (line: string) => void = writeToStderr): Log {
  const say = (severity: LogLevel) => (message: string) => {
    if (isWritten(severity, level)) write(`otel-red: ${oneLine(message)}\n`);
  };
  return { error: say("error"), warn: say("warn"), info: say("info") };
}

/** More different ones than this carry values of requests, and tell nothing new. */
const MOST_DIFFERENT = 100;

/** Says each text once, for what comes back at each collection. */
export function eachOnce(say: (message: string) => void): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (said.has(message) || said.size >= MOST_DIFFERENT) return;
    said.add(message);
    say(message);
  };
}

function writeToStderr(line: string): void {
  try {
    // not process.stderr: a closed pipe there becomes an 'error' event, which would end the application
    writeSync(STDERR, line);
  } catch {
    // nobody to tell
  }
}

/** A collector may answer with megabytes, and have them quoted. */
const LONGEST_LINE = 1000;

/** Messages carry texts of others: of the system, of an application whose objects throw, of a collector. */
function oneLine(message: string): string {
  const start = message.length > LONGEST_LINE ? `${message.slice(0, LONGEST_LINE)}…` : message;
  return printable(start.replace(/\s*[\r\n]+\s*/g, " "));
}

/** An exception as text, whatever was thrown. */
export function reasonOf(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return "something was thrown that cannot be shown";
  }
}
