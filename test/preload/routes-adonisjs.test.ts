/**
 * Routes of AdonisJS. Version × shape × expected path and status, written from its documentation.
 */
import { type FrameworkRow, testFramework } from "../support/framework-tables.ts";
import { amongPrevious, installPrevious, previousApp } from "../support/previous.ts";

const DOCS = "https://docs.adonisjs.com/guides/basics/";

// biome-ignore format: a table, one row a line
const ROWS: readonly FrameworkRow[] = [
  // before any route has answered: it is AdonisJS's server, so this is no plain server's path
  ["the first request, without a route", "GET /wp-login.php", "unmatched", 404, `${DOCS}routing`],
  ["the root", "GET /", "/", 200, `${DOCS}routing#defining-routes`],
  ["a parameter", "GET /users/42?a=b", "/users/:id", 200, `${DOCS}routing#route-params`],
  ["another method", "POST /users/42", "/users/:id", 422, `${DOCS}routing#http-methods`],
  ["an optional parameter, given", "GET /books/42", "/books/:id?", 200, `${DOCS}routing#optional-params`],
  ["an optional parameter, not given", "GET /books", "/books/:id?", 200, `${DOCS}routing#optional-params`],
  ["a wildcard", "GET /docs/sql/orm/query", "/docs/:category/*", 200, `${DOCS}routing#wildcard-params`],
  ["any method", "DELETE /anything/42", "/anything/:id", 200, `${DOCS}routing#http-methods`],
  ["a handler that answers later", "GET /later/42", "/later/:id", 200, `${DOCS}routing#route-handler`],
  ["a handler that throws", "GET /throws/42", "/throws/:id", 500, `${DOCS}exception_handling`],
  ["a route that answers 404", "GET /found/0", "/found/:id", 404, `${DOCS}response`],
  ["a redirect", "GET /old", "/old", 302, `${DOCS}routing#redirecting-to-another-route`],
  ["middleware of a route refuses", "GET /checked/42", "/checked/:id", 403, `${DOCS}middleware`],
  ["groups with prefixes", "GET /api/v1/items/42", "/api/v1/items/:item", 200, `${DOCS}routing#grouping-routes`],
  ["HEAD, answered by the route for GET", "HEAD /users/42", "/users/:id", 200, `${DOCS}routing#http-methods`],
  ["middleware of the server refuses", "GET /users/42", "unmatched", 401, `${DOCS}middleware`, { headers: { "x-stop": "1" } }],
  ["no route", "GET /nothing/42", "unmatched", 404, `${DOCS}routing`],
];

function prepare(): void {
  installPrevious();
  amongPrevious("routes-frameworks");
}

testFramework(
  "AdonisJS",
  [
    // asks for Node.js 24 or later
    { version: "7", args: ["adonisjs.mjs"], nodeVersion: "24" },
    { version: "6", args: [previousApp("routes-frameworks/adonisjs.mjs")], prepare },
  ],
  ROWS,
);
