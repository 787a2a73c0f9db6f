/**
 * Routes of hapi 20 and 21: version × shape × expected path and status, written from the documentation.
 */
import { type FrameworkRow, testFramework } from "../support/framework-tables.ts";

const API = "https://hapi.dev/api/#";
const ROUTING = "https://hapi.dev/tutorials/routing#";
const METHODS = `${ROUTING}-methods`;
const PARAMETERS = `${ROUTING}-parameters`;
const NOT_FOUND = `${ROUTING}-404`;
const LIFECYCLE = `${API}-request-lifecycle`;
const TO_USER = `${API}-serverexttype-method-options`;

// biome-ignore format: a table, one row a line
const ROWS: readonly FrameworkRow[] = [
  // before any route has answered: it is hapi's server, so this is no plain server's path
  ["the first request, without a route", "GET /wp/login.php", "unmatched", 404, NOT_FOUND],
  ["the root", "GET /", "/", 200, METHODS],
  ["a parameter", "GET /users/42", "/users/{id}", 200, PARAMETERS],
  ["a query", "GET /users/42?fields=name", "/users/{id}", 200, PARAMETERS],
  ["a parameter whose value is encoded", "GET /users/a%2Fb", "/users/{id}", 200, PARAMETERS],
  ["words", "GET /users/me", "/users/me", 200, METHODS],
  ["HEAD served by GET's route", "HEAD /users/42", "/users/{id}", 200, METHODS],
  ["one of several methods", "PUT /users/42", "/users/{id}", 200, METHODS],
  ["any method", "DELETE /anything/42", "/anything/{id}", 200, METHODS],
  ["an optional parameter, given", "GET /optional/ada", "/optional/{name?}", 200, PARAMETERS],
  ["an optional parameter, not given", "GET /optional/", "/optional/{name?}", 200, PARAMETERS],
  ["a parameter of two segments", "GET /hello/ada/lovelace", "/hello/{words*2}", 200, PARAMETERS],
  ["a parameter of any number of segments", "GET /files/a/b/c.txt", "/files/{path*}", 200, PARAMETERS],
  ["a parameter beside text", "GET /portrait.jpg", "/{file}.jpg", 200, `${API}-path-parameters`],
  ["a route that wants authentication, with it", "GET /private/42", "/private/{id}", 200, LIFECYCLE, { headers: { authorization: "some" } }],
  ["a route that wants authentication", "GET /private/42", "/private/{id}", 401, LIFECYCLE],
  ["a parameter that is refused", "GET /checked/abc", "/checked/{id}", 400, `${API}-routeoptionsvalidateparams`],
  ["a handler that throws", "GET /throws/42", "/throws/{id}", 500, LIFECYCLE],
  ["a handler that finds nothing", "GET /missing/42", "/missing/{id}", 404, LIFECYCLE],
  ["a handler that answers later", "GET /slow/42", "/slow/{id}", 200, LIFECYCLE],
  ["a prefix of a plugin", "GET /forums/7/posts/42", "/forums/{forum}/posts/{post}", 200, `${API}-await-serverregisterplugins-options`],
  ["a URL that onRequest has changed", "GET /old", "/users/{id}", 200, `${API}-requestseturlurl-striptrailingslash`],
  ["onRequest refuses, before routing", "GET /users/42", "unmatched", 403, TO_USER, { headers: { "x-stop": "1" } }],
  ["a preflight", "OPTIONS /users/42", "unmatched", { "20": 204, "21": 200 }, `${API}-routeoptionscors`, { headers: { origin: "https://a.example", "access-control-request-method": "GET" } }],
  ["a URL that is none", "GET /users/%zz", "unmatched", 400, LIFECYCLE],
  ["no route", "GET /nothing/42", "unmatched", 404, NOT_FOUND],
  ["a method that no route has", "DELETE /users/42", "unmatched", 404, NOT_FOUND],
  ["a second server in the process", "GET /users/ada", "/users/{name}", 200, METHODS, { server: "second" }],
  ["a route of the application's for all that has none", "GET /nothing/42", "/{any*}", 404, NOT_FOUND, { server: "second" }],
];

testFramework(
  "hapi",
  [
    { version: "21", args: ["hapi.cjs", "@hapi/hapi"] },
    { version: "20", args: ["hapi.cjs", "hapi20"] },
    { version: "21", args: ["hapi.mjs"] },
    { version: "20", args: ["hapi.mjs", "hapi20"] },
    { version: "21", args: ["hapi.mjs"], nodeVersion: "20" },
  ],
  ROWS,
);
