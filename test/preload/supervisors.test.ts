/**
 * Programs that start, watch and restart a server, and hand the preload in NODE_OPTIONS on to it: exactly the server has the
 * endpoint, or its workers share it, under the server's name; the others open nothing and say nothing; it comes back after a restart, and all of
 * them end together.
 */
import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { type App, REGISTER, REPOSITORY, startApp } from "../support/app.ts";
import { type Exposition, parseExposition, series, total } from "../support/exposition.ts";
import { freePort } from "../support/free-port.ts";
import { installOnce } from "../support/install-once.ts";
import { until } from "../support/until.ts";

const FOLDER = join(REPOSITORY, "test/apps/supervised");
const PACKAGES = join(FOLDER, "node_modules");
const DEADLINE_MS = 30_000;

const CONCURRENTLY = ["node_modules/concurrently/dist/bin/index.js"];
const NODEMON = ["node_modules/nodemon/bin/nodemon.js", "--watch", "server.cjs"];
const PM2 = ["node_modules/pm2/bin/pm2-runtime", "start", "server.cjs"];

interface Supervisor {
  /** What a user would type. */
  readonly title: string;
  readonly command?: "npm" | "npx";
  readonly args: readonly string[];
  /** It starts the server again when its file changes. */
  readonly watches?: true;
}

// biome-ignore format: a table, one row a line
const SUPERVISORS: readonly Supervisor[] = [
  { title: "npm run start", command: "npm", args: ["run", "start"] },
  { title: "npx nodemon server.cjs", command: "npx", args: ["--offline", "nodemon", "server.cjs"] },
  { title: "node --run start", args: ["--run", "start"] },
  { title: "node --watch server.cjs", args: ["--watch", "server.cjs"], watches: true },
  { title: "nodemon server.cjs", args: [...NODEMON, "server.cjs"], watches: true },
  { title: "npm run watched, which is nodemon", command: "npm", args: ["run", "watched"], watches: true },
  { title: "concurrently, with a program that never listens", args: [...CONCURRENTLY, "--kill-others", "node server.cjs", "node idle.cjs"] },
  { title: "pm2-runtime start server.cjs", args: PM2 },
  { title: "pm2-runtime start server.cjs, as a cluster of two", args: [...PM2, "-i", "2"] },
];

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("a server that is started by", function supervised() {
  this.timeout(90_000);

  let folder: string;
  let metricsPort: number;
  let app: App | undefined;
  /** The processes that have answered. */
  const servers = new Set<number>();

  before(function install() {
    this.timeout(300_000);
    installOnce(FOLDER);
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "otel-red-supervised-"));
    for (const file of ["package.json", "server.cjs", "idle.cjs"]) cpSync(join(FOLDER, file), join(folder, file));
    symlinkSync(PACKAGES, join(folder, "node_modules"));
    metricsPort = await freePort(0);
    servers.clear();
  });
  afterEach(async () => {
    await app?.stop();
    app = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  async function start({ command, args }: Supervisor, env?: NodeJS.ProcessEnv): Promise<App> {
    return startApp({
      node: command ?? process.execPath,
      flags: [],
      args,
      cwd: folder,
      env: {
        NODE_OPTIONS: `--require "${REGISTER}"`,
        PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
        PORT: String(await freePort(0)),
        OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
        OTEL_LOG_LEVEL: "",
        NO_COLOR: "1",
        NO_UPDATE_NOTIFIER: "1",
        npm_config_update_notifier: "false",
        PM2_HOME: join(folder, ".pm2"),
        PM2_DISABLE_VERSION_CHECK: "true",
        ...env,
      },
      expectsMetrics: false,
      ownGroup: true,
      listening: /listening (\d+)/,
    });
  }

  const scrape = async (): Promise<Exposition> =>
    parseExposition(await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text());

  /** The process of the server that has the endpoint, once it has counted requests of this client's. */
  async function measured({ url }: App, former?: number): Promise<number> {
    const asked = new Map<number, number>();
    return until("the endpoint has what its process has answered", DEADLINE_MS, async () => {
      const pid = Number(await (await fetch(`${url}/users/7`)).text());
      servers.add(pid);
      asked.set(pid, (asked.get(pid) ?? 0) + 1);
      const { samples } = await scrape();
      const owner = Number(series(samples, "target_info")[0]?.labels.process_pid);
      const given = { method: "GET", status_code: "200", path: "/users/:id", service: "supervised" };
      const counted = total(samples, "http_requests_total", given);
      // it may not have been the endpoint's process that has answered, and not be counted yet
      const all = [...asked.values()].reduce((sum, each) => sum + each, 0);
      if (owner === former || counted === 0 || (counted !== all && counted !== asked.get(owner))) return undefined;
      assert.equal(total(samples, "http_requests_total"), counted);
      return owner;
    });
  }

  for (const supervisor of SUPERVISORS)
    it(supervisor.title, async () => {
      app = await start(supervisor);
      const owner = await measured(app);
      if (supervisor.watches) {
        appendFileSync(join(folder, "server.cjs"), "\n");
        await measured(app, owner);
      }
      assert.equal(app.stderr(), "");
      await app.stop();
      app = undefined;
      await until("no server is left", DEADLINE_MS, async () => ![...servers].some(isRunning) || undefined);
    });

  it("PM2's cluster, from an ecosystem file whose env has the configuration", async () => {
    const [disabledPort, portOfDisabled] = [String(await freePort(0)), String(await freePort(0))];
    const program = { script: "server.cjs", exec_mode: "cluster", node_args: `--require ${REGISTER}` };
    const apps = [
      {
        ...program,
        name: "disabled",
        env: { OTEL_SDK_DISABLED: "true", OTEL_EXPORTER_PROMETHEUS_PORT: disabledPort, PORT: portOfDisabled },
      },
      // a number, as people write it there
      {
        ...program,
        name: "measured",
        env: { OTEL_SERVICE_NAME: "of-ecosystem", OTEL_EXPORTER_PROMETHEUS_PORT: metricsPort },
      },
    ];
    writeFileSync(join(folder, "ecosystem.config.json"), JSON.stringify({ apps }));
    const args = ["node_modules/pm2/bin/pm2-runtime", "start", "ecosystem.config.json"];
    app = await start({ title: "", args }, { NODE_OPTIONS: "", OTEL_EXPORTER_PROMETHEUS_PORT: "" });
    for (const url of [`http://127.0.0.1:${portOfDisabled}`, app.url])
      await until(
        `${url} answers`,
        DEADLINE_MS,
        async () => (await fetch(url).catch(() => undefined))?.ok || undefined,
      );
    await until("the service has the name that it was given", DEADLINE_MS, async () => {
      const { samples } = await scrape();
      return series(samples, "target_info")[0]?.labels.service_name === "of-ecosystem" || undefined;
    });
    await assert.rejects(fetch(`http://127.0.0.1:${disabledPort}/metrics`), /fetch failed/);
    assert.equal(app.stderr(), "");
  });
});
