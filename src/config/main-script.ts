/**
 * The script that the process is there for. It is the one that Node was started with, but for programs that run somebody
 * else's script in a process of their own: there that one is a file of the program's.
 */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

interface Runner {
  /** Files of its package that Node is started with. */
  readonly files: RegExp;
  /** Of what it was asked to run: a file, or the folder that it was called in, which most likely has the same package.json. */
  readonly script: (environment: Environment, args: readonly string[]) => string | undefined;
}

const RUNNERS: readonly Runner[] = [
  {
    // https://pm2.keymetrics.io/docs/usage/environment/#what-environment-variables-are-exposed-by-pm2
    files: /[\\/]pm2[\\/]lib[\\/]ProcessContainerFork\.js$/,
    script: ({ pm_exec_path }) => pm_exec_path,
  },
  {
    // a worker of its cluster has that variable as soon as PM2's own script has run: until then it is in another one
    files: /[\\/]pm2[\\/]lib[\\/]ProcessContainer\.js$/,
    script: ({ pm2_env, pm_exec_path }) => (pm2_env === undefined ? pm_exec_path : JSON.parse(pm2_env).pm_exec_path),
  },
  // https://typestrong.org/ts-node/docs/usage: options, some of which have values, come before the script
  { files: /[\\/]ts-node[\\/]dist[\\/]bin[\w-]*\.js$/, script: () => process.cwd() },
  { files: /[\\/]ts-node-dev[\\/]lib[\\/]wrap\.js$/, script: (_environment, args) => args[2] },
];

/**
 * @param args as `process.argv`, which it is by default: a program that runs another script may change it
 * @returns what Node was started with, or would have been: a file, perhaps without its extension or a symbolic link, or a
 *   folder; undefined where there is none, as in `node --eval`
 */
export function mainScript(
  environment: Environment = process.env,
  args: readonly string[] = process.argv,
): string | undefined {
  const startedWith = args[1] || undefined;
  if (startedWith === undefined) return undefined;
  try {
    const file = realpathSync(startedWith);
    const runner = RUNNERS.find(({ files }) => files.test(file));
    return runner?.script(environment, args) || startedWith;
  } catch {
    return startedWith; // without its extension; or PM2 has changed what it tells
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
