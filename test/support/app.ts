/**
 * An application under the preload, as a process of its own, started with the flags that a user would type.
 *
 * Convention: the application prints `listening <port>` (further text may follow) once its server accepts connections.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Exposition, parseExposition } from "./exposition.ts";
import { until } from "./until.ts";

export const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
export const REGISTER = fileURLToPath(new URL("../../dist/register.cjs", import.meta.url));

export type InstrumentationName = "light" | "stock";
export const INSTRUMENTATIONS: readonly InstrumentationName[] = ["light", "stock"];

export interface AppOptions {
  /** The script, or what else comes after Node's own flags. */
  readonly args: readonly string[];
  /** Node's flags. Default: `--require dist/register.cjs`. */
  readonly flags?: readonly string[];
  /** On top of this process's environment, in which the preload takes any free port and says which at level `info`. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Default: that of the matrix (TEST_NODE, TEST_NODE_OPTIONS), else the Node that runs the tests. */
  readonly node?: string;
  /** How it says on which port it listens. Default: by the convention. */
  readonly listening?: RegExp;
  /** It and all that it starts get the signal of `stop`, as by a terminal's Ctrl-C. */
  readonly ownGroup?: true;
  /** Default: true. False where no endpoint is expected to open. */
  readonly expectsMetrics?: boolean;
}

export interface App {
  /** `http://127.0.0.1:<port>` of the application. */
  readonly url: string;
  readonly port: number;
  /** Of the endpoint, as announced; throws where none was. */
  readonly metricsUrl: string;
  readonly process: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the exit code or the signal. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** One scrape, parsed strictly. */
  scrape(): Promise<Exposition>;
  /** Polls the endpoint until the condition holds; for what is counted a moment after the client has its answer. */
  scrapeUntil(what: string, condition: (exposition: Exposition) => boolean): Promise<Exposition>;
  /** Ends it with the signal (SIGTERM), waits, and gives the exit code or the signal. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

const DEADLINE_MS = 30_000;
const LISTENING = /^listening (\d+)/m;
const ANNOUNCED = /otel-red: .*?(http:\/\/\S+\/metrics)/;

/** What ends each of those that run. */
const running = new Map<ChildProcess, (signal: NodeJS.Signals) => void>();
process.on("exit", () => {
  for (const kill of running.values()) kill("SIGKILL");
});

export async function startApp(options: AppOptions): Promise<App> {
  const { args, flags = ["--require", REGISTER], env = {}, expectsMetrics = true, listening = LISTENING } = options;
  const { TEST_NODE = process.execPath, TEST_NODE_OPTIONS = "" } = process.env;
  const child = spawn(options.node ?? TEST_NODE, [...flags, ...args], {
    cwd: options.cwd ?? REPOSITORY,
    env: {
      ...process.env,
      NODE_OPTIONS: TEST_NODE_OPTIONS,
      OTEL_EXPORTER_PROMETHEUS_PORT: "0",
      OTEL_LOG_LEVEL: "info",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: options.ownGroup === true,
  });
  const kill = (signal: NodeJS.Signals) => {
    if (options.ownGroup) killGroup(child, signal);
    else child.kill(signal);
  };
  running.set(child, kill);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const exited = once(child, "close").then(([code, signal]) => {
    running.delete(child);
    return (signal ?? code) as number | NodeJS.Signals;
  });
  const said = () => `\nstdout: ${stdout}\nstderr: ${stderr}`;

  try {
    await until("the application listens", DEADLINE_MS, async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
      return listening.test(stdout) && (!expectsMetrics || ANNOUNCED.test(stderr)) ? true : undefined;
    });
  } catch (error) {
    kill("SIGKILL");
    throw new Error(`${args.join(" ")}: ${(error as Error).message}${said()}`, { cause: error });
  }

  const port = Number(listening.exec(stdout)?.[1]);
  const app: App = {
    port,
    url: `http://127.0.0.1:${port}`,
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    exited,
    get metricsUrl() {
      const url = ANNOUNCED.exec(stderr)?.[1];
      if (url === undefined) throw new Error(`no endpoint was announced${said()}`);
      return url;
    },
    async scrape() {
      const response = await fetch(app.metricsUrl);
      const text = await response.text();
      if (response.status !== 200) throw new Error(`a scrape got ${response.status}: ${text}${said()}`);
      return parseExposition(text);
    },
    async scrapeUntil(what, condition) {
      const polling = new AbortController();
      const poll = async () => {
        const exposition = await app.scrape();
        return condition(exposition) ? exposition : undefined;
      };
      const ended = exited.then((end) => {
        throw new Error(`${what}: the application ended with ${end}${said()}`);
      });
      return Promise.race([until(what, DEADLINE_MS, poll, polling.signal), ended]).finally(() => polling.abort());
    },
    async stop(signal = "SIGTERM") {
      kill(signal);
      const stuck = setTimeout(() => kill("SIGKILL"), DEADLINE_MS);
      return exited.finally(() => clearTimeout(stuck));
    },
  };
  return app;
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // all of them have ended
  }
}
