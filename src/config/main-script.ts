/**
 * The script that the process is there for, and the folder in which it runs. The script is the one that Node was started
 * with, but for programs that run somebody else's script in a process of their own: there it is a file of the program's.
 */
import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { threadModule } from "../node/thread-module.ts";
import { pm2Settings } from "./pm2.ts";
import type { Environment } from "./variable.ts";

interface Runner {
  /** Files of its package that Node is started with. */
  readonly files: RegExp;
  /** Of what it was asked to run: a file, or the folder that it was called in, which most likely has the same package.json. */
  readonly script: (environment: Environment, args: readonly string[]) => string | undefined;
  /** The working directory that the script will have, where it is not that of the process yet. */
  readonly folder?: (environment: Environment) => string | undefined;
}

/** A worker of PM2's cluster has these variables as soon as PM2's own script has run: until then they are in another one. */
const pm2 = (name: "pm_exec_path" | "pm_cwd") => (environment: Environment) =>
  (pm2Settings(environment) ?? environment)[name];

const RUNNERS: readonly Runner[] = [
  {
    // https://pm2.keymetrics.io/docs/usage/environment/#what-environment-variables-are-exposed-by-pm2
    files: /[\\/]pm2[\\/]lib[\\/]ProcessContainer(?:Fork)?\.js$/,
    script: pm2("pm_exec_path"),
    folder: pm2("pm_cwd"),
  },
  // https://typestrong.org/ts-node/docs/usage: options, some of which have values, come before the script
  { files: /[\\/]ts-node[\\/]dist[\\/]bin[\w-]*\.js$/, script: currentFolder },
  { files: /[\\/]ts-node-dev[\\/]lib[\\/]wrap\.js$/, script: (_environment, args) => args[2] },
];

/**
 * @param args as `process.argv`, which it is by default: a program that runs another script may change it
 * @returns what Node was started with, or would have been: a file, perhaps without its extension or a symbolic link, or a
 *   folder; undefined where there is none, as in `node --eval`. In a thread: the same, as far as it can be told; else
 *   its file, or the working directory
 */
export function mainScript(
  environment: Environment = process.env,
  args: readonly string[] = process.argv,
): string | undefined {
  const startedWith = threadModule() === undefined ? args[1] || undefined : scriptOfProcess() || scriptOfThread(args);
  return runnerOf(startedWith)?.script(environment, args) || startedWith;
}

/**
 * What the main thread was started with. A thread has that of its own, but most often the flags of the main thread, which end
 * where the script begins. Linux tells, unless somebody has set `process.title`.
 */
function scriptOfProcess(): string | undefined {
  try {
    const [, ...args] = readFileSync("/proc/self/cmdline", "utf8").split("\0");
    const flags = process.execArgv;
    return flags.every((flag, index) => flag === args[index]) ? args[flags.length] : undefined;
  } catch {
    return undefined;
  }
}

/**
 * While a thread preloads, its arguments (`new Worker(file, { argv })`) stand where its file will be. The working directory
 * most likely has the same package.json as the file.
 */
function scriptOfThread([, first = ""]: readonly string[]): string | undefined {
  try {
    return createRequire(first).resolve(first) && first;
  } catch {
    return currentFolder(); // relative, or not there
  }
}

/** The folder in which the main script runs. @param args as `process.argv`, which it is by default */
export function workingFolder(
  environment: Environment = process.env,
  args: readonly string[] = process.argv,
): string | undefined {
  return runnerOf(args[1])?.folder?.(environment) || currentFolder();
}

function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined; // it has been removed
  }
}

function runnerOf(script: string | undefined): Runner | undefined {
  if (!script) return undefined;
  try {
    const file = realpathSync(script);
    return RUNNERS.find(({ files }) => files.test(file));
  } catch {
    return undefined; // without its extension
  }
}

/** Where the main script really is, as the modules that it loads are looked for from there. */
export function mainScriptFile(): string {
  const path = resolve(mainScript() ?? "main");
  try {
    return realpathSync(path);
  } catch {
    return path; // without its extension
  }
}
