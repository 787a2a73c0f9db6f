/**
 * What we say, on stderr, one line at a time; never stdout, never through the application's own logger.
 */
import { writeSync } from "node:fs";
import type { LogLevel } from "./config.ts";

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

/** @param level the least severe that is written; those more talkative than `info` write all there is */
export function createLog(level: LogLevel, write: (line: string) => void = writeToStderr): Log {
  const least = SEVERITIES.includes(level) ? SEVERITIES.indexOf(level) : SEVERITIES.length;
  const say = (severity: LogLevel) => (message: string) => {
    if (SEVERITIES.indexOf(severity) <= least) write(`otel-red: ${message.replace(/\s*[\r\n]+\s*/g, " ")}\n`);
  };
  return { error: say("error"), warn: say("warn"), info: say("info") };
}

function writeToStderr(line: string): void {
  try {
    // not process.stderr: a closed pipe there becomes an 'error' event, which would end the application
    writeSync(STDERR, line);
  } catch {
    // nobody to tell
  }
}

/** An exception as one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
