/**
 * The environment of whatever started this thread. A thread may be given one of its own (`new Worker(file, { env: {} })`),
 * without the variables that configure otel-red in its parent.
 *
 * The main thread hands nothing over: to do so before its first thread starts, each process would have to load
 * `node:worker_threads`. So a thread asks Node for the environment of the process, which Node shows in diagnostic reports
 * only. That takes some milliseconds, and only a thread that lacks variables does it. Threads hand theirs on to their own
 * threads as environment data. https://nodejs.org/api/worker_threads.html#workersetenvironmentdatakey-value
 */
import { readFileSync } from "node:fs";
import { threadModule } from "../node/thread-module.ts";
import type { Environment } from "./variable.ts";

const KEY = "otel-red.variables";

/** Empty where there is no parent, or nothing that this thread lacks. */
export function parentVariables(): Environment {
  const threads = threadModule();
  if (threads === undefined) return {};
  const handed = threads.getEnvironmentData(KEY) as Environment | undefined;
  return handed ?? (lacksVariables() ? environmentOfProcess() : {});
}

/** What threads of this thread begin with. */
export function handToThreads(variables: Environment): void {
  threadModule()?.setEnvironmentData(KEY, variables);
}

/** Whether this thread lacks a variable that the process was started with. A copy of its parent's environment lacks none. */
function lacksVariables(): boolean {
  try {
    const started = readFileSync("/proc/self/environ", "utf8").split("\0");
    return started.some((pair) => pair !== "" && process.env[pair.slice(0, pair.indexOf("="))] === undefined);
  } catch {
    return true; // not on Linux: it cannot be told
  }
}

function environmentOfProcess(): Environment {
  try {
    const report = process.report.getReport() as { readonly environmentVariables?: Environment };
    return report.environmentVariables ?? {};
  } catch {
    return {};
  }
}
