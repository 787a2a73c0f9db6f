/**
 * Routes of Koa 2 and 3 with @koa/router 8, 14 and 15, and koa-router 7: version × shape × expected path and status, written from the
 * documentation of the router.
 */
import { type FrameworkRow, testFramework } from "../support/framework-tables.ts";
import { installPrevious, previousPackage } from "../support/previous.ts";

const DOCS = "https://github.com/koajs/router/blob/master/README.md#";
const METHODS = `${DOCS}http-methods`;
const PARAMETERS = `${DOCS}url-parameters`;
const NESTED = `${DOCS}nested-routers`;
const PREFIXES = `${DOCS}router-prefixes`;
const REGEXP = `${DOCS}regular-expressions`;
const USE = `${DOCS}routeruse`;
const ALLOWED = `${DOCS}routerallowedmethods`;
const NOT_FOUND = `${DOCS}404-handling`;
const MIDDLEWARE = `${DOCS}multiple-middleware`;
const KOA = "https://koajs.com/#application";
const MOUNT = "https://github.com/koajs/mount#mounting-applications";
const ERRORS = "https://koajs.com/#error-handling";

/** The routers before 9 leave the slash of a nested `/` at the end. */
const NESTED_ROOT = {
  "3": "/forums/:fid/posts",
  "2": "/forums/:fid/posts",
  "2 with router 8": "/forums/:fid/posts/",
  "2 with router 7": "/forums/:fid/posts/",
};

// biome-ignore format: a table, one row a line
const ROWS: readonly FrameworkRow[] = [
  // before any route has answered: it is Koa's server, so this is no plain server's path
  ["the first request, without a route", "GET /wp-login.php", "unmatched", 404, NOT_FOUND],
  ["the root", "GET /", "/", 200, METHODS],
  ["a parameter", "GET /users/42", "/users/:id", 200, PARAMETERS],
  ["a query", "GET /users/42?fields=name", "/users/:id", 200, PARAMETERS],
  ["a parameter whose value is encoded", "GET /users/a%2Fb", "/users/:id", 200, PARAMETERS],
  ["words", "GET /users/me/settings", "/users/me/settings", 200, METHODS],
  ["HEAD served by GET's route", "HEAD /users/42", "/users/:id", 200, METHODS],
  ["a handler that refuses", "POST /users", "/users", 422, METHODS],
  ["a regular expression", "GET /files/a/b.txt", "/^\\/files\\/(.+)$/", 200, REGEXP],
  ["one of several paths", "GET /two/42", "/two/:id", 200, `${DOCS}array-of-paths`],
  ["router.all()", "DELETE /anything/42", "/anything/:id", 200, METHODS],
  ["a handler that throws", "GET /throws/42", "/throws/:id", 500, ERRORS],
  ["a handler that finds nothing", "GET /missing/42", "/missing/:id", 404, ERRORS],
  ["a handler that answers later", "GET /slow/42", "/slow/:id", 200, METHODS],
  ["the first of two routes answers", "GET /first/42", "/first/:id", 200, MIDDLEWARE],
  ["the second of two routes answers", "GET /first/42?on=1", "/first/:name", 200, MIDDLEWARE],
  ["words that a later parameter takes as well", "GET /first/words", "/first/words", 200, MIDDLEWARE],
  ["a nested router", "GET /forums/7/posts/42", "/forums/:fid/posts/:pid", 200, NESTED],
  ["the root of a nested router", "GET /forums/7/posts", NESTED_ROOT, 200, NESTED],
  ["no route in a nested router", "GET /forums/7/posts/42/more", "unmatched", 404, NESTED],
  ["a prefix", "GET /guarded/42", "/guarded/:id", 200, PREFIXES, { headers: { authorization: "some" } }],
  ["middleware of a router refuses, in front of its route", "GET /guarded/42", "/guarded/:id", 401, USE],
  ["router.prefix()", "GET /v1/users/ada", "/v1/users/:name", 200, `${DOCS}routerprefix`, { server: "second" }],
  ["a second application in the process", "GET /users/42", "unmatched", 404, KOA, { server: "second" }],
  ["an application that is mounted", "GET /mounted/leaves/42?a=b", "/mounted/leaves/:leaf", 200, MOUNT],
  ["the root of an application that is mounted", "GET /mounted", "/mounted", 200, MOUNT],
  ["an application that is mounted in one that is mounted", "GET /mounted/deep/leaves/42", "/mounted/deep/leaves/:leaf", 200, MOUNT],
  ["no route in an application that is mounted", "GET /mounted/nothing", "unmatched", 404, MOUNT],
  ["a route behind a mount that has passed it on", "GET /mounted/behind/42", "/mounted/behind/:id", 200, MOUNT],
  ["a method that no route has", "DELETE /users/42", "unmatched", 405, ALLOWED],
  ["OPTIONS, answered by allowedMethods()", "OPTIONS /users/42", "unmatched", 200, ALLOWED],
  ["middleware answers, without a router", "GET /before/42", "/before/:id", 200, KOA],
  ["a route behind one that has passed the request on", "GET /passed/route/42", "/passed/route/:id", 200, MIDDLEWARE],
  ["a route that has answered, and passed the request on", "GET /passed/both/42", "/passed/both/:id", 200, MIDDLEWARE],
  ["a route with the path of one that has passed the request on", "GET /passed/same/42", "/passed/same/:id", 200, MIDDLEWARE],
  ["a handler in a mount, behind such a route", "GET /passed/mount", "/passed/mount/*", 200, MOUNT],
  ["a handler in a mount refuses, behind such a route", "GET /passed/mount/bad", "/passed/mount/*", 400, MOUNT],
  ["a handler in a mount that sets only the status, behind such a route", "GET /passed/status", "/passed/status/*", 409, MOUNT],
  ["middleware answers, behind such a route", "GET /passed/root/42", "/passed/root/:id", 200, MIDDLEWARE],
  ["nobody answers, behind such a route", "GET /passed/42", "unmatched", 404, NOT_FOUND],
  ["middleware refuses, in front of the router", "GET /users/42", "unmatched", 403, KOA, { headers: { "x-stop": "1" } }],
  ["no route", "GET /nothing/42", "unmatched", 404, NOT_FOUND],
];

testFramework(
  "Koa",
  [
    { version: "3", args: ["koa.cjs", "koa", "@koa/router"] },
    { version: "2", args: ["koa.cjs", "koa2", "koa-router14"] },
    { version: "2 with router 8", args: ["koa.cjs", "koa2", previousPackage("koa-router8")], prepare: installPrevious },
    { version: "2 with router 7", args: ["koa.cjs", "koa2", previousPackage("koa-router7")], prepare: installPrevious },
    { version: "3", args: ["koa.mjs"] },
    { version: "2", args: ["koa.mjs", "koa2"] },
    { version: "3", args: ["koa.mjs"], nodeVersion: "20" },
    { version: "3", args: ["koa.mjs"], nodeVersion: "26" },
  ],
  ROWS,
);
