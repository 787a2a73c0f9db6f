/**
 * Programs from npm that nobody here wrote: under the preload they answer, talk and end as without it, and what they
 * answered is counted once, under a template or a bounded path.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { INSTRUMENTATIONS, REGISTER, REPOSITORY } from "../support/app.ts";
import { parseExposition, series } from "../support/exposition.ts";
import { freePort } from "../support/free-port.ts";
import { installOnce } from "../support/install-once.ts";
import { type ProgramRecord, type ProgramRequest, type RunningProgram, runProgram } from "../support/program-run.ts";
import { assertFamiliesAgree } from "../support/route-table.ts";
import { checkMetrics } from "../support/servers/prometheus.ts";
import { until } from "../support/until.ts";

const FOLDER = join(REPOSITORY, "test/apps/real");
const { dependencies } = JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8")) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

type Request = readonly [
  request: string,
  /** The label: the template of the framework that the program is built on; where it has no router, the normalised path. */
  path: string,
  status: number,
  details?: Pick<ProgramRequest, "headers" | "body">,
];

interface Program {
  readonly what: string;
  readonly package: string;
  /** In its package. */
  readonly script: string;
  readonly args: (port: number) => readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** Where the program's paths come from. */
  readonly docs: string;
  readonly requests: readonly Request[];
}

const JSON_BODY = { "content-type": "application/json" };
const PAGES = { "index.html": "<h1>Home</h1>\n", "guide/index.html": "<h1>Guide</h1>\n", "guide/42.txt": "forty-two\n" };

const PUBLISHED = JSON.stringify({
  name: "left-pad",
  versions: { "1.0.0": { name: "left-pad", version: "1.0.0", dist: { tarball: "left-pad-1.0.0.tgz" } } },
  "dist-tags": { latest: "1.0.0" },
  _attachments: { "left-pad-1.0.0.tgz": { content_type: "application/octet-stream", data: "bm8gdGFyYmFsbA==", length: 10 } },
});

// biome-ignore format: tables, one row a line
const PROGRAMS: readonly Program[] = [
  {
    what: "an npm registry, on Express 4",
    package: "verdaccio",
    script: "bin/verdaccio",
    args: (port) => ["--config", "config.yaml", "--listen", `127.0.0.1:${port}`],
    files: {
      "config.yaml": "storage: ./storage\npackages:\n  '**': { access: $all, publish: $all }\nlog: { type: stdout, format: json, level: http }\n",
    },
    docs: "https://github.com/verdaccio/verdaccio/tree/6.x/src/api/endpoint/api",
    requests: [
      ["GET /-/ping", "/-/ping", 200],
      ["GET /left-pad", "/:package", 404],
      ["PUT /left-pad", "/:package", 201, { headers: JSON_BODY, body: PUBLISHED }],
      ["GET /left-pad", "/:package", 200],
      ["GET /left-pad/1.0.0", "/:package/:version", 200],
      ["GET /left-pad/-/left-pad-1.0.0.tgz", "/:package/-/:filename", 200],
      ["GET /-/v1/search?text=left", "/-/v1/search", 200],
      ["GET /", "/", 200],
    ],
  },
  {
    what: "a mock API, on Express 4",
    package: "json-server",
    script: "lib/cli/bin.js",
    args: (port) => ["--host", "127.0.0.1", "--port", `${port}`, "db.json"],
    files: { "db.json": JSON.stringify({ posts: [{ id: 1, title: "one" }], profile: { name: "ada" } }) },
    docs: "https://github.com/typicode/json-server/tree/v0#routes",
    requests: [
      ["GET /posts", "/posts", 200],
      ["GET /posts/1", "/posts/:id", 200],
      ["GET /posts/2", "/posts/:id", 404],
      ["POST /posts", "/posts", 201, { headers: JSON_BODY, body: '{"title":"two"}' }],
      ["PATCH /posts/2", "/posts/:id", 200, { headers: JSON_BODY, body: '{"title":"zwei"}' }],
      ["DELETE /posts/1", "/posts/:id", 200],
      ["GET /profile", "/profile", 200],
      ["GET /nothing/42", "unmatched", 404],
      ["GET /", "unmatched", 200],
    ],
  },
  {
    what: "a server of files, without a framework",
    package: "http-server",
    script: "bin/http-server",
    args: (port) => ["-a", "127.0.0.1", "-p", `${port}`, "."],
    files: PAGES,
    docs: "https://github.com/http-party/http-server#readme",
    requests: [
      ["GET /", "/", 200],
      ["GET /guide", "/guide", 302],
      ["GET /guide/42.txt", "/guide/42.txt", 200],
      ["GET /guide/42.txt", "/guide/42.txt", 206, { headers: { range: "bytes=0-3" } }],
      ["GET /nothing/42", "/nothing/:id", 404],
    ],
  },
  {
    what: "a server of files, without a framework",
    package: "serve",
    script: "build/main.js",
    args: (port) => ["--listen", `tcp://127.0.0.1:${port}`, "--no-clipboard", "."],
    files: PAGES,
    docs: "https://github.com/vercel/serve-handler#readme",
    requests: [
      ["GET /", "/", 200],
      ["GET /guide", "/guide", 200],
      ["GET /guide/42.txt", "/guide/42.txt", 200],
      ["GET /nothing/42", "/nothing/:id", 404],
    ],
  },
  {
    what: "a wiki in files, with a router of its own",
    package: "tiddlywiki",
    script: "tiddlywiki.js",
    args: (port) => [".", "--listen", "host=127.0.0.1", `port=${port}`],
    files: { "tiddlywiki.info": JSON.stringify({ plugins: ["tiddlywiki/tiddlyweb", "tiddlywiki/filesystem"], themes: ["tiddlywiki/vanilla"] }) },
    docs: "https://tiddlywiki.com/#WebServer%20API",
    requests: [
      ["GET /status", "/status", 200],
      ["PUT /recipes/default/tiddlers/42", "/recipes/default/tiddlers/:id", 204, { headers: { ...JSON_BODY, "x-requested-with": "TiddlyWiki" }, body: '{"title":"42","text":"forty-two"}' }],
      ["GET /recipes/default/tiddlers/42", "/recipes/default/tiddlers/:id", 200],
      ["GET /42", "/:id", 200],
      ["GET /recipes/default/tiddlers.json", "/recipes/default/tiddlers.json", 200],
      ["DELETE /bags/default/tiddlers/42", "/bags/default/tiddlers/:id", 204, { headers: { "x-requested-with": "TiddlyWiki" } }],
      ["GET /recipes/default/tiddlers/42", "/recipes/default/tiddlers/:id", 404],
      ["GET /", "/", 200],
    ],
  },
  {
    what: "a preview server, without a framework",
    package: "@11ty/eleventy-dev-server",
    script: "cmd.js",
    args: (port) => ["--dir=.", `--port=${port}`],
    files: PAGES,
    docs: "https://www.11ty.dev/docs/dev-server/",
    requests: [
      ["GET /", "/", 200],
      ["GET /guide/", "/guide", 200],
      ["GET /guide", "/guide", 301],
      ["GET /guide/42.txt", "/guide/42.txt", 200],
      ["GET /.11ty/reload-client.js", "/.11ty/reload-client.js", 200],
      ["GET /nothing/42", "/nothing/:id", 404],
    ],
  },
  {
    what: "a server of files, on Koa without a router",
    package: "local-web-server",
    script: "bin/cli.js",
    args: (port) => ["--hostname", "127.0.0.1", "--port", `${port}`, "--log.format", "tiny"],
    files: PAGES,
    docs: "https://github.com/lwsjs/local-web-server/wiki",
    requests: [
      ["GET /", "/", 200],
      ["GET /guide/42.txt", "/guide/42.txt", 200],
      ["GET /nothing/42", "/nothing/:id", 404],
    ],
  },
  {
    what: "the application that `fastify generate` makes, on Fastify 5",
    package: "fastify-cli",
    script: "cli.js",
    args: (port) => ["start", "--log-level", "info", "--address", "127.0.0.1", "--port", `${port}`, "--prefix", "/v1", join(FOLDER, "node_modules/fastify-cli/templates/app/app.js")],
    docs: "https://github.com/fastify/fastify-cli/tree/main/templates/app/routes",
    requests: [
      ["GET /v1", "/v1", 200],
      ["GET /v1/example", "/v1/example", 200],
      ["HEAD /v1/example", "/v1/example", 200],
      ["POST /v1/example", "unmatched", 404],
      ["GET /nothing/42", "unmatched", 404],
    ],
  },
];

const SIGNALS = ["SIGTERM", "SIGINT"] as const;
/** What a busy machine adds to the time that a program needs to end. */
const NOISE_SECONDS = 2;
const DEADLINE_MS = 10_000;

function requestsOf(program: Program): ProgramRequest[] {
  return program.requests.map(([request, , , details]) => {
    const [method = "", target = ""] = request.split(" ");
    return { method, target, ...details };
  });
}

function start(program: Program, flags: readonly string[], env: NodeJS.ProcessEnv): Promise<RunningProgram> {
  const script = join(FOLDER, "node_modules", program.package, program.script);
  const { args, files = {} } = program;
  return runProgram({ script, args, files, flags, env }, requestsOf(program));
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

function countsIn(exposition: string): Record<string, number> {
  const counted = series(parseExposition(exposition).samples, "http_requests_total");
  return Object.fromEntries(
    counted.map(({ labels, value }) => [`${labels.method} ${labels.status_code} ${labels.path}`, value]),
  );
}

/** Once nothing more comes: what a program logs about an answer may come after it. */
async function whenQuiet(running: RunningProgram): Promise<void> {
  let known = "";
  let sinceMs = performance.now();
  await until("the program has said all", DEADLINE_MS, async () => {
    const said = JSON.stringify([running.stdout(), running.stderr()]);
    if (said !== known) sinceMs = performance.now();
    known = said;
    return performance.now() - sinceMs > 500 ? true : undefined;
  });
}

for (const program of PROGRAMS)
  describe(`${program.package} ${dependencies[program.package]}, ${program.what}`, function () {
    this.timeout(120_000);
    const alone = new Map<NodeJS.Signals, ProgramRecord>();

    before(async () => {
      installOnce(FOLDER);
      for (const signal of SIGNALS) {
        const running = await start(program, [], {});
        await whenQuiet(running);
        alone.set(signal, await running.stop(signal));
      }
    });

    it("answers as the table says", () => {
      const { answers } = alone.get("SIGTERM") as ProgramRecord;
      assert.deepEqual(
        answers.map(({ status }) => status),
        program.requests.map(([, , status]) => status),
        program.docs,
      );
    });

    for (const instrumentation of INSTRUMENTATIONS)
      for (const signal of SIGNALS)
        it(`is the same under ${instrumentation} until ${signal}, and counted`, async () => {
          const without = alone.get(signal) as ProgramRecord;
          const port = await freePort(0);
          const env = { OTEL_EXPORTER_PROMETHEUS_PORT: `${port}`, RED_HTTP_INSTRUMENTATION: instrumentation };
          const running =
            signal === "SIGTERM"
              ? await start(program, [], { ...env, NODE_OPTIONS: `--require "${REGISTER}"` })
              : await start(program, ["--require", REGISTER], env);

          let exposition = "";
          try {
            exposition = await until("all requests are counted", DEADLINE_MS, async () => {
              const scraped = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
              const counted = Object.values(countsIn(scraped)).reduce((sum, count) => sum + count, 0);
              return counted >= program.requests.length ? scraped : undefined;
            });
            await whenQuiet(running);
          } finally {
            const { stopSeconds, ...seen } = await running.stop(signal);
            const { stopSeconds: withoutSeconds, ...expected } = without;
            assert.deepEqual(seen, expected);
            assert.ok(stopSeconds < withoutSeconds + NOISE_SECONDS, `ended after ${stopSeconds} s, not ${withoutSeconds} s`);
          }
          assert.deepEqual(countsIn(exposition), expectedCounts(program), program.docs);
          assertFamiliesAgree(parseExposition(exposition).samples);
          assert.equal(checkMetrics(exposition), "");
        });
  });
