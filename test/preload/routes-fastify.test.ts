/**
 * Routes of Fastify 4 and 5: framework × version × shape × expected path and status, written from its documentation.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type AppOptions, INSTRUMENTATIONS, startApp } from "../support/app.ts";
import { total } from "../support/exposition.ts";
import { exchange, RawConnection, statuses } from "../support/raw-http.ts";
import { countedSince, portOf, type RouteRow, type RowDetails, testRoutes } from "../support/route-table.ts";

type Major = 4 | 5;

const DOCS: Readonly<Record<Major, string>> = {
  4: "https://fastify.dev/docs/v4.29.x/Reference/",
  5: "https://fastify.dev/docs/latest/Reference/",
};

/** What the two versions do, or document, differently. */
type ByMajor<T> = T | Readonly<Record<Major, T>>;

type FastifyRow = readonly [
  shape: string,
  request: string,
  path: ByMajor<string>,
  status: ByMajor<number>,
  docs: ByMajor<string>,
  /** `only` is the version that has it. Default: both. */
  more?: RowDetails & { readonly only?: Major },
];

const REQUESTS = "http_requests_total";

const URLS = "Routes/#url-building";
const PREFIX = "Routes/#route-prefixing";
const PREFIX_SLASH = "Routes/#handling-of--route-inside-prefixed-plugins";
const CONSTRAINTS = "Routes/#constraints";
const EARLY = "Hooks/#respond-to-a-request-from-a-hook";
const HOOK_ERRORS = "Hooks/#manage-errors-from-a-hook";
const SCOPE = "Hooks/#scope";
const NOT_FOUND = "Server/#setnotfoundhandler";
const HEAD = "Server/#exposeheadroutes";
const ERRORS = "Errors/#catching-uncaught-errors-in-fastify";
const VALIDATION = "Validation-and-Serialization/#validation";

const JSON_BODY = { "content-type": "application/json" };
/** For a `bodyLimit` of 100. */
const TOO_LONG = JSON.stringify({ name: "a".repeat(100) });

// biome-ignore format: a table, one row a line
const ROWS: readonly FastifyRow[] = [
  // before any route has answered: it is Fastify's server, so these are no plain server's paths
  ["the first request of a server, with a URL that is none", "GET /%zz", "unmatched", 422, "Server/#frameworkerrors", { server: "framed" }],
  ["the first request of a second server of the same instance", "GET /%zz", "unmatched", 400, "Server/#routing", { server: "second" }],

  ["the root", "GET /", "/", 200, URLS],
  ["a parameter", "GET /users/42", "/users/:id", 200, URLS],
  ["a query", "GET /users/42?fields=name&id=7", "/users/:id", 200, URLS],
  ["a parameter whose value is encoded", "GET /users/a%2Fb%20c", "/users/:id", 200, URLS],
  ["a static route beside a parameter", "GET /users/me", "/users/me", 200, URLS],
  ["two parameters", "GET /users/42/tokens/t0k3n", "/users/:id/tokens/:token", 200, URLS],
  ["a wildcard", "GET /files/css/site.css", "/files/*", 200, URLS],
  ["a static route beside a wildcard", "GET /files/readme", "/files/readme", 200, URLS],
  ["a parameter with a regular expression", "GET /example/12345.png", "/example/:file(^\\d+).png", 200, URLS],
  ["a value that the regular expression refuses", "GET /example/abc.png", "unmatched", 404, URLS],
  ["two parameters in a segment", "GET /near/15-30/radius/20", "/near/:lat-:lng/radius/:r", 200, URLS],
  ["two regular expressions in a segment", "GET /at/08h24m", "/at/:hour(^\\d{2})h:minute(^\\d{2})m", 200, URLS],
  ["an optional parameter, given", "GET /posts/1", "/posts/:id?", 200, URLS],
  ["an optional parameter, left out", "GET /posts", "/posts/:id?", 200, URLS],
  ["a colon that is no parameter", "POST /name:verb", "/name::verb", 200, URLS],
  ["a route that is no ASCII", "GET /caf%C3%A9", "/café", 200, URLS],
  ["one route for two methods", "PATCH /either", "/either", 200, "Routes/#routes-options"],
  ["all()", "DELETE /any", "/any", 200, "Routes/#shorthand-declaration"],
  ["a method beyond the known ones", "PROPFIND /dav/a.txt", "/dav/:file", 200, { 4: "Routes/#routes-options", 5: "Server/#addhttpmethod" }, { method: "_OTHER" }],

  ["HEAD served by GET's route", "HEAD /users/42", "/users/:id", 200, HEAD],
  ["HEAD under a prefix", "HEAD /v1/user/42", "/v1/user/:id", 200, HEAD],
  ["HEAD where GET's route does not expose it", "HEAD /headless", "unmatched", 404, "Routes/#routes-options"],
  ["HEAD with a route of its own", "HEAD /only-head/1", "/only-head/:id", 200, "Routes/#shorthand-declaration"],

  ["a prefix", "GET /v1/user/42", "/v1/user/:id", 200, PREFIX],
  ["the same plugin under another prefix", "GET /v2/user/42", "/v2/user/:id", 200, PREFIX],
  ["a prefix with a parameter", "GET /tenants/acme/items/7", "/tenants/:tenant/items/:item", 200, PREFIX],
  ["prefixes three levels deep", "GET /tenants/acme/admin/2024/reports/7", "/tenants/:tenant/admin/:year/reports/:report", 200, PREFIX],
  ["/ in a prefixed plugin", "GET /both", "/both", 200, PREFIX_SLASH],
  // the two are one route; its url is given with the slash by Fastify 4, by Fastify 5 without
  ["/ in a prefixed plugin, with the slash", "GET /both/", { 4: "/both/", 5: "/both" }, 200, PREFIX_SLASH],
  ["/ in a plugin whose prefix ends with it", "GET /slash/", "/slash/", 200, PREFIX_SLASH],
  ["prefixTrailingSlash: no-slash", "GET /bare", "/bare", 200, "Routes/#routes-options"],
  ["prefixTrailingSlash: no-slash, with the slash", "GET /bare/", "unmatched", 404, "Routes/#routes-options"],

  ["an encapsulated plugin's guard lets pass", "GET /secured/42", "/secured/:id", 200, SCOPE, { headers: { authorization: "me" } }],
  ["an encapsulated plugin's guard refuses", "GET /secured/42", "/secured/:id", 401, SCOPE],
  ["an encapsulated plugin's guard does not hold elsewhere", "GET /users/43", "/users/:id", 200, SCOPE],
  ["onRequest refuses", "GET /users/42", "/users/:id", 401, EARLY, { headers: { "x-stop-at": "onRequest" } }],
  ["onRequest refuses where no route matches", "GET /wp-login.php", "unmatched", 401, NOT_FOUND, { headers: { "x-stop-at": "onRequest" } }],
  ["preParsing refuses", "GET /users/42", "/users/:id", 403, EARLY, { headers: { "x-stop-at": "preParsing" } }],
  ["preValidation throws", "GET /users/42", "/users/:id", 402, HOOK_ERRORS, { headers: { "x-stop-at": "preValidation" } }],
  ["preHandler answers", "GET /v1/user/42", "/v1/user/:id", 200, EARLY, { headers: { "x-stop-at": "preHandler" } }],
  ["a preflight that a hook answers", "OPTIONS /users/42", "unmatched", 204, EARLY, { headers: { origin: "https://shop.example", "access-control-request-method": "PUT" } }],
  ["a preflight that the route of all paths answers", "OPTIONS /users/42", "*", 204, URLS, { server: "plain" }],

  ["404 at the top, by the application's handler", "GET /nothing/here", "unmatched", 404, NOT_FOUND],
  ["404 at the top, by Fastify's own", "GET /nothing/here", "unmatched", 404, NOT_FOUND, { server: "plain" }],
  ["404 for the method", "DELETE /users/42", "unmatched", 404, NOT_FOUND],
  ["404 under a prefix", "GET /v1/nothing", "unmatched", 404, NOT_FOUND],
  ["404 under a prefix with a handler of its own", "GET /gone/nothing", "unmatched", 410, NOT_FOUND],
  ["beside it", "GET /gone/here", "/gone/here", 200, NOT_FOUND],
  ["a handler that calls callNotFound()", "GET /articles/none", "/articles/:slug", 404, "Reply/#callnotfound"],

  ["a handler that throws", "GET /throws/1", "/throws/:id", 500, ERRORS],
  ["an async handler that throws", "GET /rejects/1", "/rejects/:id", 418, ERRORS],
  ["a handler that sends an error", "GET /sends-error/1", "/sends-error/:id", 409, "Reply/#errors"],
  ["an error handler of a plugin", "GET /secured/broken/1", "/secured/broken/:id", 503, "Server/#seterrorhandler", { headers: { authorization: "me" } }],
  ["an error handler of a route", "GET /own-error-handler/1", "/own-error-handler/:id", 502, "Routes/#routes-options"],

  ["a handler that answers later", "GET /later/1", "/later/:id", 200, "Reply/#senddata"],
  ["a stream", "GET /stream/1", "/stream/:id", 200, "Reply/#streams"],
  ["a redirect", "GET /moved/1", "/moved/:id", 302, "Reply/#redirect"],
  ["a reply that is hijacked", "GET /hijacked/1", "/hijacked/:id", 202, "Reply/#hijack"],
  ["inject() is no request", "GET /injects/1", "/injects/:id", 200, "Server/#inject"],
  ["a handler that takes too long", "GET /slow/1", "/slow/:id", 503, "Server/#handlertimeout", { only: 5 }],

  ["a version", "GET /versioned/1", "/versioned/:id", 200, CONSTRAINTS, { headers: { "accept-version": "1.x" } }],
  ["another version of the same url", "GET /versioned/1", "/versioned/:id", 200, CONSTRAINTS, { headers: { "accept-version": "2.x" } }],
  ["a version that is not there", "GET /versioned/1", "unmatched", 404, CONSTRAINTS, { headers: { "accept-version": "3.x" } }],
  ["no version", "GET /versioned/1", "unmatched", 404, CONSTRAINTS],
  ["a host", "GET /hosted/1", "/hosted/:id", 200, CONSTRAINTS, { headers: { host: "auth.fastify.example" } }],
  ["another host", "GET /hosted/1", "unmatched", 404, CONSTRAINTS],
  ["a constraint of the application's", "GET /secret/1", "/secret/:id", 200, CONSTRAINTS, { server: "asynchronous", headers: { secret: "alpha" } }],
  ["a constraint that fails", "GET /secret/1", "/secret/:id", 500, CONSTRAINTS, { server: "asynchronous", headers: { secret: "fails" } }],

  ["a body that is valid", "POST /validated/1", "/validated/:id", 200, VALIDATION, { headers: JSON_BODY, body: '{"name":"a"}' }],
  ["a body that the schema refuses", "POST /validated/1", "/validated/:id", 400, VALIDATION, { headers: JSON_BODY, body: "{}" }],
  ["a body that is no JSON", "POST /validated/1", "/validated/:id", 400, "Errors/#errors-in-input-data", { headers: JSON_BODY, body: "{" }],
  ["a body of another type", "POST /validated/1", "/validated/:id", 415, "Errors/#fst_err_ctp_invalid_media_type", { headers: { "content-type": "text/xml" }, body: "<a/>" }],
  ["a body that is too long", "POST /validated/1", "/validated/:id", 413, "Server/#bodylimit", { headers: JSON_BODY, body: TOO_LONG }],
  ["a parameter that the schema refuses", "GET /validated/abc", "/validated/:id", 400, VALIDATION],

  ["a URL that is none", "GET /%zz", "unmatched", 400, "Errors/#fst_err_bad_url"],
  ["a parameter that is none", "GET /users/%zz", "unmatched", 400, "Errors/#fst_err_bad_url"],
  ["a parameter that is too long", "GET /user/eleven-long", "unmatched", { 4: 404, 5: 414 }, { 4: "Server/#maxparamlength", 5: "Errors/#fst_err_max_param_length" }, { server: "loose" }],

  ["ignoreTrailingSlash", "GET /foo/", "/foo", 200, "Server/#ignoretrailingslash", { server: "loose" }],
  ["ignoreTrailingSlash in a prefixed plugin", "GET /prefixed/", "/prefixed", 200, "Server/#ignoretrailingslash", { server: "loose" }],
  ["ignoreDuplicateSlashes", "GET //foo", "/foo", 200, "Server/#ignoreduplicateslashes", { server: "loose" }],
  ["caseSensitive: false", "GET /USER/NodeJS", "/user/:username", 200, "Server/#casesensitive", { server: "loose" }],

  ["rewriteUrl", "GET /old/42", "/new/:id", 200, "Server/#rewriteurl", { server: "rewritten" }],
  ["rewriteUrl to what is no route", "GET /old/42/more", "unmatched", 404, "Server/#rewriteurl", { server: "rewritten" }],
  ["a second instance in the process", "GET /users/42", "/users/:userId", 200, "Server/#factory", { server: "plain" }],
  ["a second server of an instance", "GET /users/42", "/users/:userId", 200, "Server/#routing", { server: "second" }],

  ["a server of the application's: its own answer", "GET /before/42", "/before/:id", 200, "Server/#serverfactory", { server: "behind" }],
  ["a server of the application's: Fastify's", "GET /after/42", "/after/:id", 200, "Server/#serverfactory", { server: "behind" }],
  ["a server of the application's: its own answer, later", "GET /before/43", "/before/:id", 200, "Server/#serverfactory", { server: "behind" }],
  ["a server of the application's: no route", "GET /nothing", "unmatched", 404, "Server/#serverfactory", { server: "behind" }],

  ["a listener that steps in late: its own answer", "GET /socket.io/?EIO=4", "/socket.io", 200, "Server/#server", { server: "late" }],
  ["a listener that steps in late: Fastify's", "GET /after/42", "/after/:id", 200, "Server/#server", { server: "late" }],
  ["a listener that steps in late: its own answer, later", "GET /socket.io/?EIO=4", "/socket.io", 200, "Server/#server", { server: "late" }],

  ["frameworkErrors", "GET /users/%zz", "unmatched", 422, "Server/#frameworkerrors", { server: "framed" }],
  ["defaultRoute", "GET /any/page", "/any/page", 200, "Server/#defaultroute", { only: 5, server: "raw" }],
  ["onBadUrl", "GET /%zz", "unmatched", 400, "Server/#onbadurl", { only: 5, server: "raw" }],
  ["onMaxParamLength", "GET /users/eleven-long", "unmatched", 414, "Server/#onmaxparamlength", { only: 5, server: "raw" }],
];

function of<T>(value: ByMajor<T>, major: Major): T {
  return typeof value === "object" ? (value as Readonly<Record<Major, T>>)[major] : value;
}

function rowsOf(major: Major): RouteRow[] {
  return ROWS.filter(([, , , , , more]) => (more?.only ?? major) === major).map(
    ([shape, request, path, status, docs, more]) =>
      [shape, request, of(path, major), of(status, major), DOCS[major] + of(docs, major), more ?? {}] as const,
  );
}

/** Fastify tells of itself without regard to how it was loaded: each way to make a server once. */
function oneOfEachServer(rows: readonly RouteRow[]): RouteRow[] {
  return [...new Map(rows.map((row) => [row[5]?.server, row])).values()];
}

function appOf(name: string, major: Major): AppOptions {
  const path = fileURLToPath(new URL(`../apps/routes-fastify/${name}`, import.meta.url));
  return { args: [path, major === 4 ? "fastify4" : "fastify"] };
}

for (const major of [4, 5] as const) {
  testRoutes(`Fastify ${major}, CommonJS`, appOf("app.cjs", major), rowsOf(major));
  testRoutes(`Fastify ${major}, ES modules`, appOf("app.mjs", major), oneOfEachServer(rowsOf(major)));
}

describe("Fastify that closes", () => {
  for (const major of [4, 5] as const) {
    for (const instrumentation of INSTRUMENTATIONS) {
      // https://fastify.dev/docs/latest/Reference/Server/#return503onclosing
      it(`answers 503 to what still comes on open connections: Fastify ${major}, ${instrumentation}`, async () => {
        const app = await startApp({ ...appOf("app.cjs", major), env: { RED_HTTP_INSTRUMENTATION: instrumentation } });
        try {
          const before = await app.scrape();
          const port = portOf(app, "closing");
          const open = await RawConnection.open(port);
          // the answer to the first shows that the beginning of the second has arrived: no idle connection
          open.send("GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /users/2 HTTP/1.1\r\n");
          await open.received(/200 OK/);
          await exchange(port, "GET /close HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
          open.send("Host: a\r\n\r\n");
          assert.deepEqual(statuses(await open.receivedAll()), [200, 503]);

          const after = await app.scrapeUntil("all are counted", (now) => total(now.samples, REQUESTS) === 3);
          assert.deepEqual(countedSince(before, after), {
            "GET 200 /users/:id": 1,
            "GET 200 /close": 1,
            "GET 503 /users/:id": 1,
          });
        } finally {
          await app.stop();
        }
      });
    }
  }
});

/** What it tells of its requests is in the path: see the application. */
describe("a Fastify that is not known", () => {
  const args = [fileURLToPath(new URL("../apps/routes-fastify/unknown.cjs", import.meta.url))];
  const docs = "https://fastify.dev/docs/latest/Reference/Hooks/#diagnostics-channel-hooks";
  const said = [
    "otel-red: fastify 99.0.0 does not show the routes of its requests, and paths are normalised. Take a version that " +
      "otel-red has been tested with, or give the patterns of its paths in RED_PATH_PATTERNS",
  ];
  testRoutes("is counted with the fallback path, and a line says so", { args, said }, [
    ["a request without the raw one", "GET /nothing/1", "/nothing/:id", 200, docs],
    ["a request that shows nothing of routes", "GET /raw/1", "/raw/:id", 200, docs],
    ["a request without a context, routed", "GET /options/1", "/options/:given", 200, docs],
    ["another one, not routed", "GET /options-404/1", "/options-:id/:id", 200, docs],
    ["a request of before 4.10, routed", "GET /router-path/1", "/router-path/:given", 200, docs],
    ["another one, not routed", "GET /router-path-404/1", "/router-path-404/:id", 200, docs],
    ["a context that is none", "GET /odd-context/1", "/odd-context/:given", 200, docs],
  ]);
});
