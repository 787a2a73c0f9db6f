/**
 * Routes of Nitro's Node.js server: version × what becomes of h3 × shape × expected path and status, written from the
 * documentation. Its output is a bundle: where the routes cannot be seen in it the paths are normalised, and a line says so.
 */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { type App, REPOSITORY, startApp } from "../support/app.ts";
import { total } from "../support/exposition.ts";
import { freePort } from "../support/free-port.ts";
import { installOnce } from "../support/install-once.ts";
import { countedSince, type RouteRow, testRoutes } from "../support/route-table.ts";
import { succeed } from "../support/run.ts";
import { until } from "../support/until.ts";

const APPS = join(REPOSITORY, "test/apps/nitro");
const LISTENING = /Listening on:? http:\/\/127\.0\.0\.1:(\d+)/;

const DOCS = "https://nitro.build/docs/";
const ROUTING = `${DOCS}routing#filesystem-routing`;

// biome-ignore format: a table, one row a line
const ROWS: readonly RouteRow[] = [
  // before any route has answered: it is Nitro's server, so this is no plain server's path
  ["the first request, without a route", "GET /wp-login.php", "unmatched", 404, ROUTING],
  ["the root", "GET /", "/", 200, ROUTING],
  ["a parameter", "GET /users/42?a=b", "/users/:id", 200, `${ROUTING}#dynamic-routes`],
  ["a route of one method", "POST /api/items", "/api/items", 422, `${DOCS}routing#specific-request-method`],
  ["a catch-all route", "GET /files/a/b.txt", "/files/**:path", 200, `${DOCS}routing#catch-all-route`],
  ["a handler that throws", "GET /throws/42", "/throws/:id", 503, `${DOCS}routing#error-handling`],
  ["HEAD", "HEAD /users/42", "/users/:id", 200, `${DOCS}routing#specific-request-method`],
  ["a public file", "GET /robots.txt", "/*", 200, `${DOCS}assets#public-assets`],
  ["middleware refuses, without a route", "GET /nothing/42", "unmatched", 401, `${DOCS}routing#middleware`, { headers: { "x-stop": "1" } }],
  ["no route", "GET /nothing/42", "unmatched", 404, ROUTING],
];

for (const [version, sources, h3, command] of [
  ["2", "h3-1", "external", "nitropack"],
  ["3", "h3-2", "external", "nitro"],
  // after 3.0.0 Nitro shows its application
  ["3-beta", "h3-2", "external", "nitro"],
  ["3-beta", "h3-2", "bundled", "nitro"],
] as const) {
  const env: NodeJS.ProcessEnv = {};
  const prepare = () => build(version, sources, h3, command, env);
  testRoutes(`Nitro ${version}, h3 ${h3}`, { args: [output(version, h3)], listening: LISTENING, env, prepare }, ROWS);
}

for (const [version, sources, command] of [
  ["2", "h3-1", "nitropack"],
  ["3", "h3-2", "nitro"],
] as const)
  describe(`Nitro ${version}, as it is built by default`, () => {
    let app: App | undefined;
    after(() => app?.stop());

    it("has normalised paths, and one line says why and what to do", async function () {
      this.timeout(200_000);
      const env: NodeJS.ProcessEnv = {};
      await build(version, sources, "bundled", command, env);
      app = await startApp({ args: [output(version, "bundled")], listening: LISTENING, env });
      const before = await app.scrape();
      for (const path of ["/users/42", "/nothing/42"]) await (await fetch(app.url + path)).text();
      const counted = await app.scrapeUntil("both", ({ samples }) => total(samples, "http_requests_total") === 2);
      assert.deepEqual(countedSince(before, counted), { "GET 200 /users/:id": 1, "GET 404 /nothing/:id": 1 });
      assert.equal(total(counted.samples, "otel_red_path_source_total", { source: "normalized" }), 2);
      const line = /^otel-red: h3 is bundled into .*\.mjs: .* \(.*Nitro: .*rollupConfig\.external\) .*$/m;
      await until("it is said", 15_000, async () => (line.test(app?.stderr() ?? "") ? true : undefined));
    });
  });

function output(version: string, h3: string): string {
  return join(APPS, version, ".built", h3, "server/index.mjs");
}

/** Installs and builds it, and gives it a port to listen on: it takes 0 for none. */
async function build(version: string, sources: string, h3: string, command: string, env: NodeJS.ProcessEnv) {
  const folder = join(APPS, version);
  const built = join(folder, ".built");
  installOnce(folder);
  cpSync(join(APPS, sources), built, { recursive: true });
  const nitro = join(folder, "node_modules/.bin", command);
  await succeed(built, process.execPath, [nitro, "build"], { H3: h3, OUTPUT: join(built, h3) });
  const port = String(await freePort(0));
  Object.assign(env, { NITRO_PORT: port, NITRO_HOST: "127.0.0.1", PORT: port, HOST: "127.0.0.1" });
}
