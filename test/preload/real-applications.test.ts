/**
 * Programs from npm that nobody here wrote: under the preload they answer, talk and end as without it, and what they
 * answered is counted once, under a template or a bounded path.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PROGRAMS, type Program } from "../apps/real/programs.ts";
import { INSTRUMENTATIONS, REGISTER, REPOSITORY } from "../support/app.ts";
import { parseExposition, type Sample, series, total } from "../support/exposition.ts";
import { freePort } from "../support/free-port.ts";
import { installOnce } from "../support/install-once.ts";
import { type ProgramRecord, type ProgramRequest, type RunningProgram, runProgram } from "../support/program-run.ts";
import { assertFamiliesAgree } from "../support/route-table.ts";
import { checkMetrics } from "../support/servers/prometheus.ts";
import { until } from "../support/until.ts";

const FOLDER = join(REPOSITORY, "test/apps/real");
const PACKAGES = join(FOLDER, "node_modules");
const { dependencies } = JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8")) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

const SIGNALS = ["SIGTERM", "SIGINT"] as const;
/** What a busy machine adds to the time that a program needs to end. */
const NOISE_SECONDS = 4;
const DEADLINE_MS = 10_000;
/** Longer than what any of them waits before it logs. */
const QUIET_MS = 500;

interface Alone extends ProgramRecord {
  readonly linesBeforeStop: number;
}

function requestsOf(program: Program): ProgramRequest[] {
  return program.requests.map(([request, , , details]) => {
    const [method = "", target = ""] = request.split(" ");
    return { method, target, ...details };
  });
}

function start(program: Program, flags: readonly string[], env: NodeJS.ProcessEnv): Promise<RunningProgram> {
  const { args, files = {}, template } = program;
  const folder = join(PACKAGES, program.package);
  const script = join(folder, program.script);
  const contents = { files, packages: PACKAGES, template: template && join(folder, template) };
  return runProgram({ script, args, contents, flags, env }, requestsOf(program));
}

/** `GET 200 /posts/:id`, and how often the client had it so. */
function expectedCounts({ requests }: Program): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [request, path, status] of requests) {
    const name = `${request.split(" ")[0]} ${status} ${path}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function countsIn(samples: readonly Sample[]): Record<string, number> {
  const counted = series(samples, "http_requests_total");
  return Object.fromEntries(
    counted.map(({ labels, value }) => [`${labels.method} ${labels.status_code} ${labels.path}`, value]),
  );
}

/** Once nothing more comes: what a program logs about an answer may come after it. */
async function saidAll(running: RunningProgram): Promise<void> {
  let known = 0;
  let sinceMs = performance.now();
  await until("the program has said all", DEADLINE_MS, async () => {
    const lines = running.linesSaid();
    if (lines !== known) sinceMs = performance.now();
    known = lines;
    return performance.now() - sinceMs > QUIET_MS ? true : undefined;
  });
}

for (const program of PROGRAMS)
  describe(`${program.package} ${dependencies[program.package]}, ${program.what}`, function () {
    // npm installs what is not there yet
    this.timeout(300_000);
    const alone = new Map<NodeJS.Signals, Alone>();
    let running: RunningProgram | undefined;

    before(async () => {
      installOnce(FOLDER);
      const measured = SIGNALS.map(async (signal) => {
        const running = await start(program, [], {});
        await saidAll(running);
        const linesBeforeStop = running.linesSaid();
        alone.set(signal, { ...(await running.stop(signal)), linesBeforeStop });
      });
      await Promise.all(measured);
    });
    afterEach(() => running?.stop("SIGKILL"));

    it("answers as the table says", () => {
      const answered = alone.get("SIGTERM")?.answers.map(({ status }) => status);
      const expected = program.requests.map(([, , status]) => status);
      assert.deepEqual(answered, expected, program.docs);
    });

    for (const instrumentation of INSTRUMENTATIONS)
      for (const [signal, loadedBy] of [
        ["SIGTERM", "NODE_OPTIONS"],
        ["SIGINT", "--require"],
      ] as const)
        it(`is the same under ${instrumentation}, by ${loadedBy}, until ${signal}, and is counted`, async () => {
          const { linesBeforeStop, stopSeconds: aloneStopSeconds, ...without } = alone.get(signal) as Alone;
          const port = await freePort(0);
          const env = { OTEL_EXPORTER_PROMETHEUS_PORT: `${port}`, RED_HTTP_INSTRUMENTATION: instrumentation };
          running = await (loadedBy === "NODE_OPTIONS"
            ? start(program, [], { ...env, NODE_OPTIONS: `--require "${REGISTER}"` })
            : start(program, ["--require", REGISTER], env));

          const scraped = await until("all requests are counted", DEADLINE_MS, async () => {
            const exposition = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
            const counted = total(parseExposition(exposition).samples, "http_requests_total");
            return counted >= program.requests.length ? exposition : undefined;
          });
          const { linesSaid } = running;
          await until("it says as much", DEADLINE_MS, async () => linesSaid() >= linesBeforeStop || undefined);
          const { stopSeconds, ...seen } = await running.stop(signal);

          assert.deepEqual(seen, without);
          assert.ok(stopSeconds < aloneStopSeconds + NOISE_SECONDS, `${stopSeconds} s, not ${aloneStopSeconds} s`);
          const { samples } = parseExposition(scraped);
          assert.deepEqual(countsIn(samples), expectedCounts(program), program.docs);
          assertFamiliesAgree(samples);
          assert.equal(checkMetrics(scraped), "");
        });
  });
