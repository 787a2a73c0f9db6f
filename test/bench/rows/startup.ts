/**
 * What a variant adds to the start of a process, on the clock: of one that never listens until it has ended, of a
 * server until it has answered its first request.
 */
import { get } from "node:http";
import { absolute, difference, type Measurement, related } from "../compare.ts";
import { comparedOn, type Plan } from "../plan.ts";
import { launchServer } from "../processes.ts";
import { added, measuredCells, type Row, spellMilliseconds } from "../row.ts";
import { interleaved } from "../schedule.ts";
import { appPath, freePort } from "../server.ts";
import { environmentOf, type Framework, type Variant } from "../variants.ts";

const DEADLINE_MS = 30_000;
const LISTENING = /^listening (\d+)$/m;

const SERVERS: readonly { readonly framework: Framework; readonly title: string }[] = [
  { framework: "http", title: "node:http" },
  { framework: "express", title: "Express" },
  { framework: "fastify", title: "Fastify" },
  { framework: "koa", title: "Koa" },
  { framework: "hono", title: "Hono" },
];

export async function startUp(plan: Plan): Promise<Row[]> {
  const preloads = plan.compared.filter(({ name, flags }) => name === "again" || flags.length > 0);
  const rows = [
    row(
      "a process that never listens",
      await interleaved(preloads, plan.windows, (variant) => untilEnded(appPath("script"), variant)),
    ),
  ];
  for (const { framework, title } of SERVERS.filter((each) => plan.startedServers.includes(each.framework))) {
    const compared = comparedOn(plan, framework);
    const measurements = await interleaved(compared, plan.windows, (variant) => untilAnswered(framework, variant));
    rows.push(row(`${title} server until its first answer`, measurements));
  }
  return rows;
}

function row(title: string, measurements: readonly Measurement[]): Row {
  const bare = [...measuredCells(absolute(measurements), spellMilliseconds)].filter(([variant]) => variant === "bare");
  const others = measuredCells(related(measurements, difference), added(spellMilliseconds));
  return { title: `Start-up added, ${title}`, cells: new Map([...bare, ...others]) };
}

/** @returns milliseconds from the start of a process to its end */
export async function untilEnded(script: string, variant: Variant): Promise<number> {
  return start(script, variant, (_said, _settle) => {});
}

async function untilAnswered(app: Framework, variant: Variant): Promise<number> {
  return start(appPath(app), variant, (said, settle) => {
    const port = LISTENING.exec(said)?.[1];
    if (port === undefined) return;
    get({ port, host: "127.0.0.1", path: "/users/1", agent: false }, (response) => {
      response.resume().once("end", () => settle());
    }).once("error", settle);
  });
}

/**
 * @param onSaid called with what is on stdout; settles, where the end of the process is not what is waited for
 * @returns milliseconds from the start of the process
 */
async function start(
  script: string,
  variant: Variant,
  onSaid: (said: string, settle: (error?: Error) => void) => void,
): Promise<number> {
  const env = environmentOf(variant, await freePort());
  const startedAtMs = performance.now();
  const child = launchServer([...variant.flags, script], { env, stdio: ["ignore", "pipe", "pipe"] });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const tooLate = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS);
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  try {
    return await new Promise<number>((resolve, reject) => {
      const settle = (error?: Error) => {
        if (error === undefined) resolve(performance.now() - startedAtMs);
        else reject(error);
      };
      let said = "";
      child.stdout?.setEncoding("utf8").on("data", (text) => {
        said += text;
        onSaid(said, settle);
      });
      child.once("error", reject);
      closed.then((code) => {
        settle(code === 0 ? undefined : new Error(`${script} with ${variant.title} ended with ${code}: ${stderr}`));
      });
    });
  } finally {
    clearTimeout(tooLate);
    child.kill("SIGKILL");
    await closed;
  }
}
