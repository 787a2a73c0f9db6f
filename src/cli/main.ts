#!/usr/bin/env node
/** `npx otel-red`. The only file of the command with an effect on import. */
import { run } from "./program.ts";

// `otel-red generate rules | head`: who reads has had enough
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") return;
  process.stderr.write(`otel-red: cannot write: ${error.message}\n`);
  process.exitCode = 1;
});

process.exitCode = run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
});
