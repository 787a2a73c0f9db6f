/**
 * Routes of Next.js: version × how it is served × shape × expected path and status, written from the documentation. The
 * path is Next's own notation of the page.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type App, type AppOptions, REGISTER, startApp } from "../support/app.ts";
import { series, total } from "../support/exposition.ts";
import { freePort } from "../support/free-port.ts";
import { NEXT_COMMAND, nextAppFolder, PREPARED_WITHIN_MS, prepareNextApp } from "../support/next-app.ts";
import { type RouteRow, testRoutes } from "../support/route-table.ts";

const DOCS = "https://nextjs.org/docs/app/api-reference/";
const DYNAMIC = `${DOCS}file-conventions/dynamic-routes`;
const HANDLERS = `${DOCS}file-conventions/route`;
const REWRITES = `${DOCS}config/next-config-js/rewrites`;
const PUBLIC = `${DOCS}file-conventions/public-folder`;
const NOT_FOUND = `${DOCS}file-conventions/not-found`;
const PROXY = `${DOCS}file-conventions/proxy`;
const PAGES = "https://nextjs.org/docs/pages/building-your-application/";
const STATIC_PATHS = "https://nextjs.org/docs/pages/api-reference/functions/get-static-paths";
const CUSTOM_SERVER = "https://nextjs.org/docs/app/guides/custom-server";

// biome-ignore format: a table, one row a line
const ROWS: readonly RouteRow[] = [
  ["the root", "GET /", "/", 200, `${DOCS}file-conventions/page`],
  ["a dynamic segment", "GET /users/42", "/users/[id]", 200, DYNAMIC],
  ["a dynamic segment, encoded", "GET /users/a%2Fb?x=1", "/users/[id]", 200, DYNAMIC],
  ["HEAD", "HEAD /users/42", "/users/[id]", 200, DYNAMIC],
  ["what the client asks for when it follows a link", "GET /users/42?_rsc=1", "/users/[id]", 200, DYNAMIC],
  ["a route group", "GET /about", "/about", 200, `${DOCS}file-conventions/route-groups`],
  ["a catch-all segment", "GET /docs/a/b", "/docs/[...slug]", 200, `${DYNAMIC}#catch-all-segments`],
  ["an optional catch-all segment", "GET /help/a/b", "/help/[[...slug]]", 200, `${DYNAMIC}#optional-catch-all-segments`],
  ["an optional catch-all segment, left out", "GET /help", "/help/[[...slug]]", 200, `${DYNAMIC}#optional-catch-all-segments`],
  ["a page that is not found", "GET /missing/3", "/missing/[id]", 404, `${DOCS}functions/not-found`],
  ["a page that redirects", "GET /moved/3", "/moved/[id]", 307, `${DOCS}functions/redirect`],
  ["a page that throws", "GET /broken/3", "/broken/[id]", 500, `${DOCS}file-conventions/error`],

  ["a route handler", "GET /api/orders/7", "/api/orders/[id]", 200, HANDLERS],
  ["another method of it", "POST /api/orders/7", "/api/orders/[id]", 201, HANDLERS],
  ["a method that it does not have", "PATCH /api/orders/7", "/api/orders/[id]", 405, HANDLERS],
  ["OPTIONS, which Next answers itself", "OPTIONS /api/orders/7", "/api/orders/[id]", 204, HANDLERS],
  ["a route handler that throws", "DELETE /api/orders/7", "/api/orders/[id]", 500, HANDLERS],

  ["the pages router", "GET /legacy", "/legacy", 200, `${PAGES}routing`],
  ["a dynamic page", "GET /legacy/5", "/legacy/[id]", 200, `${PAGES}routing/dynamic-routes`],
  ["its data", "GET /_next/data/shop/legacy/5.json", "/legacy/[id]", 200, `${PAGES}data-fetching/get-server-side-props`],
  ["a dynamic page that is not found", "GET /legacy/0", "/legacy/[id]", 404, `${PAGES}data-fetching/get-server-side-props`],
  ["a page that was built", "GET /built/1", "/built/[id]", 200, STATIC_PATHS],
  ["a page that is built now", "GET /built/9", "/built/[id]", 200, STATIC_PATHS],
  ["an API route", "PUT /api/carts/4", "/api/carts/[id]", 202, `${PAGES}routing/api-routes`],
  ["a catch-all API route", "GET /api/files/a/b", "/api/files/[...path]", 200, `${PAGES}routing/api-routes#catch-all-api-routes`],

  ["a rewrite: the page that answers", "GET /people/3", "/users/[id]", 200, REWRITES],
  ["a rewrite to an API route", "GET /former-carts/3", "/api/carts/[id]", 200, REWRITES],
  ["a rewrite to another server, which is not there", "GET /elsewhere/3", "/elsewhere/:id", 500, `${REWRITES}#rewriting-to-an-external-url`],
  ["a redirect", "GET /former-users/3", "/former-users/:id", 308, `${DOCS}config/next-config-js/redirects`],
  ["a trailing slash", "GET /users/42/", "/users/:id", 308, `${DOCS}config/next-config-js/trailingSlash`],
  ["the proxy rewrites", "GET /inside/3", "/users/[id]", 200, PROXY],
  ["the proxy answers", "GET /users/42", "/users/:id", 200, `${PROXY}#producing-a-response`, { headers: { "x-stop": "200" } }],
  ["the proxy refuses", "GET /users/42", "unmatched", 401, `${PROXY}#producing-a-response`, { headers: { "x-stop": "401" } }],

  ["what was built for the browser", "GET /_next/static/shop/_buildManifest.js", "/_next/static/*", 200, `${DOCS}config/next-config-js/assetPrefix`],
  ["compressed", "GET /_next/static/shop/_buildManifest.js", "/_next/static/*", 200, `${DOCS}config/next-config-js/compress`, { headers: { "accept-encoding": "gzip" } }],
  ["the public folder", "GET /logo.svg", "/*", 200, PUBLIC],
  ["a part of a file", "GET /logo.svg", "/*", 206, PUBLIC, { headers: { range: "bytes=0-3" } }],
  ["a method that files do not have", "PUT /logo.svg", "unmatched", 405, PUBLIC],
  ["an image of a kind that is not allowed", "GET /_next/image?url=%2Flogo.svg&w=64&q=75", "/_next/image", 400, `${DOCS}components/image#dangerouslyallowsvg`],

  ["404", "GET /wp-login.php", "unmatched", 404, NOT_FOUND],
  ["404 below a page", "GET /users/42/nothing", "unmatched", 404, NOT_FOUND],
  ["404 of a file", "GET /_next/static/shop/none.js", "unmatched", 404, NOT_FOUND],
  ["404 by its name", "GET /_not-found", "unmatched", 404, NOT_FOUND],
  ["a URL that is none", "GET /users/%E0%A4%A", "unmatched", 400, DYNAMIC],
];

// biome-ignore format: a table, one row a line
const CUSTOM_ROWS: readonly RouteRow[] = [
  ["a page", "GET /users/42", "/users/[id]", 200, CUSTOM_SERVER],
  ["a route handler", "GET /api/orders/7", "/api/orders/[id]", 200, CUSTOM_SERVER],
  ["an API route", "GET /api/carts/7", "/api/carts/[id]", 200, CUSTOM_SERVER],
  ["a built file", "GET /_next/static/shop/_buildManifest.js", "/_next/static/*", 200, CUSTOM_SERVER],
  ["404", "GET /wp-login.php", "unmatched", 404, CUSTOM_SERVER],
  ["what the server answers itself", "GET /ping/42", "/ping/:id", 200, CUSTOM_SERVER],
  ["a page, in Express", "GET /users/42", "/users/[id]", 200, CUSTOM_SERVER, { server: "express" }],
  ["404 of Next's, in Express", "GET /wp-login.php", "unmatched", 404, CUSTOM_SERVER, { server: "express" }],
  ["what Express answers itself", "GET /own/7", "/own/:id", 200, CUSTOM_SERVER, { server: "express" }],
];

const NODE_OPTIONS = { NODE_OPTIONS: `--require "${REGISTER}"` };
/** How Next says its port. */
const LOCAL = /Local: +http:\/\/\S+:(\d+)/;
/** On all addresses: given 127.0.0.1, Next takes what the proxy rewrites for a request to another server. */
const START = [NEXT_COMMAND, "start", "--port", "0"];

for (const version of ["15", "16"]) {
  describe(`Next ${version}`, () => {
    const cwd = nextAppFolder(version);
    const standalone = join(cwd, ".next/standalone");
    const env = { NEXT_TELEMETRY_DISABLED: "1" };
    let app: App | undefined;

    before(function prepare() {
      this.timeout(PREPARED_WITHIN_MS);
      return prepareNextApp(version);
    });
    afterEach(async () => {
      await app?.stop();
      app = undefined;
    });

    testRoutes("next start", { cwd, env, args: START, listening: LOCAL }, ROWS);
    testRoutes("custom servers", { cwd, env, args: ["server.mjs"] }, CUSTOM_ROWS);

    it("shows a request under its route before it is answered, and as 499 when its client has gone", async () => {
      app = await startApp({ cwd, env, args: START, listening: LOCAL });
      const client = new AbortController();
      const answer = fetch(`${app.url}/api/waiting/7`, { signal: client.signal });
      const path = "/api/waiting/[id]";
      await app.scrapeUntil("it is active", ({ samples }) => total(samples, "http_requests_active", { path }) === 1);
      client.abort();
      await assert.rejects(answer, { name: "AbortError" });
      const given = { path, status_code: "499" };
      await app.scrapeUntil("it is over", ({ samples }) => total(samples, "http_requests_total", given) === 1);
    });

    /** The name is that of the nearest package.json: Next's own for its commands, the application's for its server. */
    const byOtherMeans: readonly (Pick<AppOptions, "args" | "flags" | "env"> & { cwd: string; service: string })[] = [
      { cwd: standalone, args: ["server.js"], service: "shop" },
      { cwd, args: [NEXT_COMMAND, "start"], flags: [], env: NODE_OPTIONS, service: "shop" },
      { cwd, args: [NEXT_COMMAND, "dev"], flags: [], env: { ...NODE_OPTIONS, SHOP_FOLDER: ".dev" }, service: "shop" },
    ];
    for (const { service, ...options } of byOtherMeans) {
      const command = [...Object.keys(options.env ?? {}).slice(0, 1), "node", ...options.args].join(" ");
      it(`${command}: one process is measured, and the others say nothing`, async function measured() {
        this.timeout(180_000);
        const PORT = String(await freePort(0));
        app = await startApp({ ...options, env: { ...env, ...options.env, PORT }, listening: LOCAL });
        const response = await fetch(`${app.url}/users/42`);
        assert.equal(response.status, 200, await response.text());
        const { samples } = await app.scrapeUntil(
          "it is counted",
          (seen) => total(seen.samples, "http_requests_total") > 0,
        );
        const counted = series(samples, "http_requests_total").map(({ labels, value }) => ({ ...labels, value }));
        assert.deepEqual(counted, [{ method: "GET", status_code: "200", path: "/users/[id]", service, value: 1 }]);
        assert.deepEqual(app.stderr().match(/^otel-red: .*$/gm), [`otel-red: metrics are served on ${app.metricsUrl}`]);
      });
    }
  });
}
