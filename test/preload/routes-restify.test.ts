/**
 * Routes of Restify 11 and 12: version × shape × expected path and status, written from the documentation.
 */
import { type FrameworkRow, testFramework } from "../support/framework-tables.ts";

const QUICK_START = "http://restify.com/docs/home/";
const ROUTING = `${QUICK_START}#routing`;
const USE = `${QUICK_START}#using-use`;
const PRE = `${QUICK_START}#using-pre`;
const ERRORS = `${QUICK_START}#errors`;

// biome-ignore format: a table, one row a line
const ROWS: readonly FrameworkRow[] = [
  // before any route has answered: it is Restify's server, so this is no plain server's path
  ["the first request, without a route", "GET /wp-login.php", "unmatched", 404, ERRORS],
  ["the root", "GET /", "/", 200, ROUTING],
  ["a parameter", "GET /users/42", "/users/:id", 200, ROUTING],
  ["a query", "GET /users/42?fields=name", "/users/:id", 200, ROUTING],
  ["a parameter whose value is encoded", "GET /users/a%2Fb", "/users/:id", 200, ROUTING],
  ["HEAD with a route of its own", "HEAD /users/42", "/users/:id", 200, ROUTING],
  ["a route with a name", "PUT /users/42", "/users/:id", 200, `${QUICK_START}#hypermedia`],
  ["two parameters", "GET /users/42/tokens/7", "/users/:id/tokens/:token", 200, ROUTING],
  ["a parameter with a regular expression", "GET /example/42.png", "/example/:file(^\\d+).png", 200, ROUTING],
  ["two parameters in a segment", "GET /near/15-30/radius/20", "/near/:lat-:lng/radius/:r", 200, ROUTING],
  ["a wildcard", "GET /files/a/b.txt", "/files/*", 200, ROUTING],
  ["repeated slashes, sanitized", "GET //users//42", "/users/:id", 200, PRE],
  ["a version of a route", "GET /versioned/42", "/versioned/:id", 200, `${QUICK_START}#versioned-routes`, { headers: { "accept-version": "~1" } }],
  ["a version that no route has", "GET /versioned/42", "/versioned/:id", 400, `${QUICK_START}#versioned-routes`, { headers: { "accept-version": "~3" } }],
  ["a handler that fails", "GET /throws/42", "/throws/:id", 500, ERRORS],
  ["a handler that finds nothing", "GET /missing/42", "/missing/:id", 404, ERRORS],
  ["a handler that answers later", "GET /slow/42", "/slow/:id", 200, ROUTING],
  ["OPTIONS with a route of its own", "OPTIONS /preflight/42", "/preflight/:id", 204, ROUTING],
  ["use() refuses, behind routing", "GET /users/42", "/users/:id", 401, USE, { headers: { "x-stop-use": "1" } }],
  ["pre() refuses, in front of routing", "GET /users/42", "unmatched", 403, PRE, { headers: { "x-stop": "1" } }],
  ["no route", "GET /nothing/42", "unmatched", 404, ERRORS],
  ["a method that no route has", "DELETE /users/42", "unmatched", 405, ERRORS],
  ["a second server in the process", "GET /users/ada", "/users/:name", 200, ROUTING, { server: "second" }],
];

testFramework(
  "Restify",
  [
    { version: "12", args: ["restify.cjs", "restify"] },
    // cannot be loaded by later versions of Node.js
    { version: "11", args: ["restify.cjs", "restify11"], nodeVersion: "22" },
    { version: "12", args: ["restify.mjs"] },
  ],
  ROWS,
);
