/**
 * A program as its users have it, from its start to its end, and all that can be seen of it from outside: its answers, its
 * output, its exit.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { freePort } from "./free-port.ts";
import { until } from "./until.ts";

export interface ProgramRequest {
  readonly method: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ProgramStart {
  readonly script: string;
  readonly args: (port: number) => readonly string[];
  /** Node's flags. */
  readonly flags: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly contents: FolderContents;
}

/** What is in the folder that a program is started in. */
interface FolderContents {
  /** Text by name. */
  readonly files: Readonly<Record<string, string>>;
  /** The node_modules. */
  readonly packages: string;
  /** A folder to begin with. */
  readonly template: string | undefined;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ProgramRecord {
  readonly answers: readonly Answer[];
  /** The lines, sorted: a program may log the end of a request after the beginning of the next. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly exit: number | NodeJS.Signals;
  readonly stopSeconds: number;
}

export interface RunningProgram {
  /** So far, on both streams. */
  readonly linesSaid: () => number;
  stop(signal: NodeJS.Signals): Promise<ProgramRecord>;
}

const DEADLINE_MS = 20_000;
const HOST = "127.0.0.1";
/** The age of the files: servers of files make `Last-Modified` and `ETag` of it. */
const MODIFIED_AT = new Date("2024-05-31T00:00:00Z");
/** What differs between any two runs of a program. Entity tags are made of times, of inodes and of bodies with times in them. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\d[T ][\d:.]+Z?/g, "<time>"],
  [/(\w{3}, )?\d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, "<time>"],
  [/\b\d+(\.\d+)? ?(ms|seconds)\b/g, "<duration>"],
  [/(\d\d?\/\d\d?\/\d{4} )?\d?\d:\d\d:\d\d [AP]M/g, "<time>"],
  [/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, "<uuid>"],
  [/"etag":"(?:[^"\\]|\\.)*"/g, '"etag":"<tag>"'],
  [/"x-ratelimit-reset":"\d+"/g, '"x-ratelimit-reset":"<time>"'],
  [/"_rev": "\d+-[\da-f]+"/g, '"_rev": "<revision>"'],
  [/\(node:\d+\)/g, "(node:<pid>)"],
  [/"(pid|remotePort|time|responseTime)":[\d.]+/g, '"$1":<number>'],
];

/** Starts the program, sends it the requests one after the other, and leaves it running. */
export async function runProgram(
  { script, args, flags, env, contents }: ProgramStart,
  requests: readonly ProgramRequest[],
): Promise<RunningProgram> {
  const port = await freePort(0);
  const folder = folderWith(contents);
  const child = spawn(process.execPath, [...flags, script, ...args(port)], {
    cwd: folder,
    // whether there is a newer version is asked of the network, which answers once and another time does not
    env: { ...process.env, NODE_OPTIONS: "", HOME: folder, NO_COLOR: "1", NO_UPDATE_CHECK: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const killed = () => child.kill("SIGKILL");
  process.on("exit", killed);
  const exited = once(child, "close").then(([code, signal]) => {
    process.off("exit", killed);
    rmSync(folder, { recursive: true, force: true });
    return (signal ?? code) as number | NodeJS.Signals;
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (chunk) => {
      output[name] += chunk;
    });

  // not wherever its digits are: a page of some megabytes has them in a drawing
  const ownPort = new RegExp(`(?<=:|\\bport\\W{1,3})${port}\\b`, "gi");
  const comparable = (said: string) =>
    VARYING.reduce(
      (result, [varying, name]) => result.replace(varying, name),
      said.replaceAll(folder, "<folder>").replace(ownPort, "<port>"),
    );
  const lines = (said: string) => comparable(said).split("\n").sort();

  try {
    await until(`${script} listens on ${port}`, DEADLINE_MS, () => accepts(port));
    const answers: Answer[] = [];
    for (const asked of requests) {
      const { status, headers, body } = await ask(port, asked);
      const compared = JSON.parse(comparable(JSON.stringify(headers))) as IncomingHttpHeaders;
      answers.push({ status, headers: compared, body: comparable(body) });
    }
    return {
      linesSaid: () => lines(output.stdout).length + lines(output.stderr).length,
      async stop(signal) {
        const stoppedAtMs = performance.now();
        child.kill(signal);
        const stuck = setTimeout(killed, DEADLINE_MS);
        const exit = await exited.finally(() => clearTimeout(stuck));
        const stopSeconds = (performance.now() - stoppedAtMs) / 1000;
        return { answers, stdout: lines(output.stdout), stderr: lines(output.stderr), exit, stopSeconds };
      },
    };
  } catch (error) {
    killed();
    throw new Error(`${(error as Error).message}\n${output.stdout}\n${output.stderr}`, { cause: error });
  }
}

function folderWith({ files, packages, template }: FolderContents): string {
  const folder = mkdtempSync(join(tmpdir(), "otel-red-program-"));
  if (template !== undefined) cpSync(template, folder, { recursive: true });
  symlinkSync(packages, join(folder, "node_modules"));
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    utimesSync(path, MODIFIED_AT, MODIFIED_AT);
  }
  return folder;
}

/** A connection without a request: nothing to count. */
function accepts(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    socket.on("connect", () => resolve(true)).on("error", () => resolve(undefined));
    socket.on("connect", () => socket.destroy());
  });
}

function ask(port: number, { method, target, headers, body }: ProgramRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: HOST, port, method, path: target, headers, agent: false });
    asking.on("response", (response) => {
      const { statusCode: status = 0, headers } = response;
      text(response).then((body) => resolve({ status, headers, body }), reject);
    });
    asking.on("upgrade", ({ statusCode: status = 0, headers }, socket) => {
      socket.destroy();
      resolve({ status, headers, body: "" });
    });
    asking.on("error", reject).end(body);
  });
}
