/**
 * Routes of NestJS on both of its platforms: platform × shape × expected path and status, written from the documentation.
 * The path is the one that Nest registers with the platform, so the two differ where their notations do.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { amongPrevious, installPrevious, previousApp } from "../support/previous.ts";
import { type RouteRow, type RowDetails, testRoutes } from "../support/route-table.ts";

type Platform = "express" | "fastify";
const PLATFORMS: readonly Platform[] = ["express", "fastify"];

type NestRow = readonly [
  shape: string,
  request: string,
  path: string | Readonly<Record<Platform, string>>,
  status: number,
  docs: string,
  details?: RowDetails,
];

const DOCS = "https://docs.nestjs.com/";

const ROUTING = "controllers#routing";
const PARAMETERS = "controllers#route-parameters";
const WILDCARDS = "controllers#route-wildcards";
const RESOURCES = "controllers#resources";
const PREFIX = "faq/global-prefix";
const VERSIONS = "http/versioning#uri-versioning-type";
const HEADER_VERSIONS = "http/versioning#header-versioning-type";
const NOT_FOUND = "exception-filters#built-in-http-exceptions";

// biome-ignore format: a table, one row a line
const ROWS: readonly NestRow[] = [
  ["a controller", "GET /api/v1/cats", "/api/v1/cats", 200, ROUTING],
  ["another method of it", "POST /api/v1/cats", "/api/v1/cats", 201, RESOURCES],
  ["a parameter", "GET /api/v1/cats/42", "/api/v1/cats/:id", 200, PARAMETERS],
  ["a query", "GET /api/v1/cats/42?fields=name", "/api/v1/cats/:id", 200, PARAMETERS],
  ["a parameter whose value is encoded", "GET /api/v1/cats/a%2Fb", "/api/v1/cats/:id", 200, PARAMETERS],
  ["two parameters", "GET /api/v1/cats/42/toys/7", "/api/v1/cats/:id/toys/:toy", 200, PARAMETERS],
  ["HEAD served by GET's route", "HEAD /api/v1/cats/42", "/api/v1/cats/:id", 200, RESOURCES],
  ["HEAD with a route of its own", "HEAD /api/v1/answers/head/1", "/api/v1/answers/head/:id", 200, RESOURCES],
  ["@All()", "DELETE /api/v1/answers/anything/1", "/api/v1/answers/anything/:id", 200, RESOURCES],
  ["a wildcard", "GET /api/v1/answers/files/a/b.txt", { express: "/api/v1/answers/files/{*path}", fastify: "/api/v1/answers/files/*" }, 200, WILDCARDS],
  ["a controller on a deeper path", "GET /api/v1/cats/42/owners/7", "/api/v1/cats/:cat/owners/:owner", 200, ROUTING],
  ["a controller on two paths", "GET /api/v1/keepers/7", "/api/v1/keepers/:owner", 200, ROUTING],
  ["a module on a path of the router module", "GET /api/v1/admin/2024/reports/7", "/api/v1/admin/:year/reports/:report", 200, "recipes/router-module"],
  ["a route excluded from the global prefix", "GET /ping", "/ping", 200, PREFIX],

  ["a guard refuses", "GET /api/v1/answers/guarded/1", "/api/v1/answers/guarded/:id", 403, "guards"],
  ["a guard throws", "GET /api/v1/answers/unauthorized/1", "/api/v1/answers/unauthorized/:id", 401, "guards"],
  ["an interceptor answers", "GET /api/v1/answers/cached/1", "/api/v1/answers/cached/:id", 200, "interceptors#stream-overriding"],
  ["an interceptor throws", "GET /api/v1/answers/intercepted/1", "/api/v1/answers/intercepted/:id", 403, "interceptors"],
  ["a pipe lets pass", "GET /api/v1/answers/parsed/1", "/api/v1/answers/parsed/:id", 200, "pipes#binding-pipes"],
  ["a pipe refuses", "GET /api/v1/answers/parsed/abc", "/api/v1/answers/parsed/:id", 400, "pipes#binding-pipes"],
  ["a handler that throws", "GET /api/v1/answers/throws/1", "/api/v1/answers/throws/:id", 500, "exception-filters"],
  ["a handler that throws an HTTP exception", "GET /api/v1/answers/teapot/1", "/api/v1/answers/teapot/:id", 418, NOT_FOUND],
  ["an exception filter", "GET /api/v1/answers/filtered/1", "/api/v1/answers/filtered/:id", 503, "exception-filters#binding-filters"],
  ["a body that is no JSON", "POST /api/v1/cats", { express: "unmatched", fastify: "/api/v1/cats" }, 400, "faq/request-lifecycle", { headers: { "content-type": "application/json" }, body: "{" }],

  ["a handler that answers later", "GET /api/v1/answers/later/1", "/api/v1/answers/later/:id", 200, "controllers#asynchronicity"],
  ["an observable", "GET /api/v1/answers/observed/1", "/api/v1/answers/observed/:id", 200, "controllers#asynchronicity"],
  ["no content", "GET /api/v1/answers/empty/1", "/api/v1/answers/empty/:id", 204, "controllers#status-code"],
  ["a redirect", "GET /api/v1/answers/moved/1", "/api/v1/answers/moved/:id", 301, "controllers#redirection"],

  // Express runs middleware before it looks for a route, Fastify afterwards
  ["global middleware answers", "GET /api/v1/cats/42", { express: "unmatched", fastify: "/api/v1/cats/:id" }, 401, "middleware#global-middleware", { headers: { "x-stop-at": "all" } }],
  ["global middleware answers where no route matches", "GET /wp-login.php", "unmatched", 401, "middleware#global-middleware", { headers: { "x-stop-at": "all" } }],
  ["middleware of a controller answers", "GET /api/v1/cats/42", "/api/v1/cats/:id", 401, "middleware#applying-middleware", { headers: { "x-stop-at": "controller" } }],
  // @fastify/cors has a route for the preflights of all paths
  ["a preflight", "OPTIONS /api/v1/cats/42", { express: "unmatched", fastify: "*" }, 204, "security/cors", { headers: { origin: "https://shop.example", "access-control-request-method": "PUT" } }],

  ["404 under the global prefix", "GET /api/v1/nothing/here", "unmatched", 404, NOT_FOUND],
  ["404 at the global prefix", "GET /api/v1", "unmatched", 404, NOT_FOUND],
  ["404 outside of it", "GET /wp-login.php", "unmatched", 404, NOT_FOUND],
  ["404 for the method", "DELETE /api/v1/cats/42", "unmatched", 404, NOT_FOUND],
  ["404 without the global prefix", "GET /cats/42", "unmatched", 404, PREFIX],
  ["404 in another application, without a prefix", "GET /nothing/here", "unmatched", 404, NOT_FOUND, { server: "versioned" }],
  ["a URL that is none", "GET /api/v1/cats/%zz", "unmatched", 400, "faq/request-lifecycle"],

  ["a version in the path", "GET /v1/dogs/42", "/v1/dogs/:id", 200, VERSIONS, { server: "versioned" }],
  ["another version in the path", "GET /v2/dogs/42", "/v2/dogs/:id", 200, VERSIONS, { server: "versioned" }],
  ["a method with two versions", "GET /v3/dogs/42", "/v3/dogs/:id", 200, VERSIONS, { server: "versioned" }],
  ["a method for any version", "GET /dogs/any/42", "/dogs/any/:id", 200, "http/versioning#version-neutral", { server: "versioned" }],
  ["a version that is not there", "GET /v4/dogs/42", "unmatched", 404, VERSIONS, { server: "versioned" }],

  ["a version in a header", "GET /dogs/42", "/dogs/:id", 200, HEADER_VERSIONS, { server: "byHeader", headers: { "x-version": "1" } }],
  ["another version in a header", "GET /dogs/42", "/dogs/:id", 200, HEADER_VERSIONS, { server: "byHeader", headers: { "x-version": "2" } }],
  // in Express the route matches, and passes the request on when it sees the version; in Fastify versions are constraints
  ["a version in a header that is not there", "GET /dogs/42", { express: "/dogs/:id", fastify: "unmatched" }, 404, HEADER_VERSIONS, { server: "byHeader", headers: { "x-version": "4" } }],
];

function rowsOf(platform: Platform): RouteRow[] {
  return ROWS.map(([shape, request, path, status, docs, details = {}]) => {
    return [shape, request, typeof path === "string" ? path : path[platform], status, DOCS + docs, details] as const;
  });
}

const APPS = fileURLToPath(new URL("../apps/", import.meta.url));

for (const platform of PLATFORMS) {
  testRoutes(`Nest 12 on ${platform}`, { args: [join(APPS, "routes-nest/app.mjs"), platform] }, rowsOf(platform));
  testRoutes(
    `Nest 11 on ${platform}`,
    { args: [previousApp("routes-nest/app.mjs"), platform], prepare },
    rowsOf(platform),
  );
}

function prepare(): void {
  installPrevious();
  amongPrevious("routes-nest");
}
