/**
 * Routes of Hono 3 and 4 on @hono/node-server 1 and 2: version × shape × expected path and status, written from the
 * documentation.
 */
import { type FrameworkRow, testFramework } from "../support/framework-tables.ts";

const ROUTING = "https://hono.dev/docs/api/routing#";
const BASIC = `${ROUTING}basic`;
const PARAMETERS = `${ROUTING}path-parameter`;
const GROUPING = `${ROUTING}grouping`;
const BASE_PATH = `${ROUTING}base-path`;
const MIDDLEWARE = "https://hono.dev/docs/guides/middleware#definition-of-middleware";
const NOT_FOUND = "https://hono.dev/docs/api/hono#not-found";
const MOUNT = "https://hono.dev/docs/api/hono#mount";
const FETCH = "https://hono.dev/docs/api/hono#fetch";
const ERRORS = "https://hono.dev/docs/api/hono#error-handling";
const AUTHORIZATION = `Basic ${Buffer.from("ada:secret").toString("base64")}`;

// biome-ignore format: a table, one row a line
const ROWS: readonly FrameworkRow[] = [
  // before any route has answered: it is Hono's server, so this is no plain server's path
  ["the first request, without a route", "GET /wp-login.php", "unmatched", 404, NOT_FOUND],
  ["the root", "GET /", "/", 200, BASIC],
  ["a parameter", "GET /users/42", "/users/:id", 200, PARAMETERS],
  ["a query", "GET /users/42?fields=name", "/users/:id", 200, PARAMETERS],
  ["a parameter whose value is encoded", "GET /users/a%2Fb", "/users/:id", 200, PARAMETERS],
  ["words", "GET /users/me/settings", "/users/me/settings", 200, BASIC],
  ["HEAD served by GET's route", "HEAD /users/42", "/users/:id", 200, BASIC, { only: ["4"] }],
  ["a handler that refuses", "POST /users", "/users", 422, BASIC],
  ["app.all()", "DELETE /anything/42", "/anything/:id", 200, BASIC],
  ["app.all() with a wildcard", "GET /all/session/42", "/all/*", 200, BASIC],
  ["app.all() with a wildcard refuses", "GET /all/session/0", "/all/*", 401, BASIC],
  ["app.all() with a wildcard answers a preflight", "OPTIONS /all/session/42", "/all/*", 200, BASIC],
  ["app.all() with a wildcard refuses in a nested application", "GET /guests/0", "/guests/*", 401, GROUPING, { only: ["4"] }],
  ["one of several methods", "PUT /posts/42", "/posts/:id", 200, BASIC],
  ["one of several paths", "GET /ja/hello", "/ja/hello", 200, BASIC, { only: ["4"] }],
  ["an optional parameter, given", "GET /animal/cat", "/animal/:type?", 200, `${ROUTING}optional-parameter`],
  ["an optional parameter, not given", "GET /animal", "/animal/:type?", 200, `${ROUTING}optional-parameter`],
  ["parameters with regular expressions", "GET /post/2024/title", "/post/:date{[0-9]+}/:title{[a-z]+}", 200, `${ROUTING}regexp`],
  ["a wildcard", "GET /wild/42/card", "/wild/*/card", 200, BASIC],
  ["a wildcard at the end", "GET /wild/any/42/more", "/wild/any/*", 200, BASIC],
  ["a handler that finds nothing", "GET /missing/42", "/missing/:id", 404, NOT_FOUND],
  ["a handler that throws", "GET /throws/42", "/throws/:id", 500, ERRORS],
  ["a handler that answers later", "GET /slow/42", "/slow/:id", 200, BASIC],
  ["a route with middleware of its own", "GET /own/42", "/own/:id", 200, MIDDLEWARE],
  ["middleware of a route refuses", "GET /own/42?stop=1", "/own/:id", 403, MIDDLEWARE],
  ["a route behind middleware", "GET /admin/users/42", "/admin/users/:id", 200, MIDDLEWARE, { headers: { authorization: AUTHORIZATION } }],
  ["a route behind those that have passed the request on", "GET /passing/to/42", "/passing/to/:id", 200, MIDDLEWARE],
  ["nobody answers, behind those", "GET /passing/42", "unmatched", 404, MIDDLEWARE],
  ["a route that has answered, and passed the request on", "GET /both/42", "/both/:id", 200, MIDDLEWARE],
  ["middleware refuses", "GET /admin/users/42", "/admin/*", 401, "https://hono.dev/docs/middleware/builtin/basic-auth"],
  ["a preflight", "OPTIONS /cors/42", "/cors/*", 204, "https://hono.dev/docs/middleware/builtin/cors"],
  ["a static file", "GET /static/package.json", "/static/*", 200, "https://hono.dev/docs/getting-started/nodejs#serve-static-files"],
  ["no static file", "GET /static/nothing.css", "unmatched", 404, "https://hono.dev/docs/getting-started/nodejs#serve-static-files"],
  ["a nested application", "GET /libraries/7/books/42", "/libraries/:library/books/:id", 200, GROUPING],
  ["the root of a nested application", "GET /libraries/7/books", "/libraries/:library/books", 200, GROUPING],
  ["no route in a nested application", "GET /libraries/7/books/42/more", "unmatched", 404, GROUPING],
  ["a base path", "GET /api/items/42", "/api/items/:item", 200, BASE_PATH],
  ["what is mounted from elsewhere", "GET /mounted/42/more", "/mounted/*", 200, MOUNT],
  ["a Hono that is mounted", "GET /outer/parts/42", "/outer/parts/:part", 200, MOUNT],
  ["the root of a Hono that is mounted", "GET /outer", "/outer", 200, MOUNT],
  ["a Hono that is mounted in one that is mounted", "GET /outer/deep/leaves/42", "/outer/deep/leaves/:leaf", 200, MOUNT],
  ["no route in a Hono that is mounted", "GET /outer/nothing", "/outer/*", 404, MOUNT],
  ["a Hono that gets the whole path from a handler", "GET /whole/parts/42", "/whole/parts/:part", 200, FETCH],
  ["a handler that asks its application for something else", "GET /asks/42", "/asks/:id", 200, FETCH],
  ["a second application, with another router", "GET /users/ada", "/users/:name", 200, "https://hono.dev/docs/concepts/routers#linearrouter", { server: "second" }],
  ["middleware for all refuses", "GET /users/ada", "unmatched", 401, MIDDLEWARE, { server: "second", headers: { "x-stop": "1" } }],
  ["no route", "GET /nothing/42", "unmatched", 404, NOT_FOUND],
  ["a method that no route has", "DELETE /users/42", "unmatched", 404, NOT_FOUND],
];

testFramework(
  "Hono",
  [
    { version: "4", args: ["hono.cjs", "hono", "@hono/node-server"] },
    { version: "3", args: ["hono.cjs", "hono3", "hono-node-server1"] },
    { version: "4", args: ["hono.mjs"] },
    { version: "3", args: ["hono.mjs", "hono3"] },
    { version: "4", args: ["late-hono.mjs"] },
    { version: "4", args: ["hono.mjs"], nodeVersion: "20" },
    { version: "4", args: ["hono.mjs"], nodeVersion: "22.15" },
    { version: "4", args: ["hono.mjs"], nodeVersion: "26" },
  ],
  ROWS,
);
