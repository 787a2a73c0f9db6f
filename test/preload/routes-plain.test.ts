/**
 * Servers without a router, on node:http: the path label is the path with identifiers replaced.
 */
import { fileURLToPath } from "node:url";
import { type RouteRow, testRoutes } from "../support/route-table.ts";

function script(name: string): string {
  return fileURLToPath(new URL(`../apps/routes-plain/${name}`, import.meta.url));
}

/** https://opentelemetry.io/docs/specs/semconv/http/http-spans/: a route is of low cardinality. */
const LOW_CARDINALITY = "https://opentelemetry.io/docs/specs/semconv/registry/attributes/http/#http-route";
const METHODS = "https://opentelemetry.io/docs/specs/semconv/registry/attributes/http/#http-request-method";
const TARGETS = "https://www.rfc-editor.org/rfc/rfc9112#section-3.2";
const DOT_SEGMENTS = "https://url.spec.whatwg.org/#double-dot-path-segment";

// biome-ignore format: a table, one row a line
const ROWS: readonly RouteRow[] = [
  ["the root", "GET /", "/", 200, TARGETS],
  ["words", "GET /api/v1/products/latest", "/api/v1/products/latest", 200, LOW_CARDINALITY],
  ["words that look like hex", "GET /feedface/defaced/2fa/h264", "/feedface/defaced/2fa/h264", 200, LOW_CARDINALITY],
  ["an integer", "GET /users/42/orders/7", "/users/:id/orders/:id", 200, LOW_CARDINALITY],
  ["a UUID", "GET /users/0b9e2c6a-6f5c-4d3a-9a0e-3f1f6f0e7a11", "/users/:id", 200, LOW_CARDINALITY],
  ["a ULID", "GET /users/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/users/:id", 200, LOW_CARDINALITY],
  ["an ObjectId", "GET /users/507f1f77bcf86cd799439011", "/users/:id", 200, LOW_CARDINALITY],
  ["a date", "GET /reports/2024-05-31", "/reports/:id", 200, LOW_CARDINALITY],
  ["a prefixed identifier", "GET /customers/cus_NffrFeUfNV2Hib", "/customers/cus_:id", 200, LOW_CARDINALITY],
  ["a query", "GET /search?q=42&page=2", "/search", 200, TARGETS],
  ["a trailing slash", "GET /users/", "/users", 200, LOW_CARDINALITY],
  ["a fragment", "GET /about#team", "/about", 200, TARGETS],
  ["a target in absolute form", "GET http://shop.example:80/users/42?a=b", "/users/:id", 200, `${TARGETS}.2`],
  ["the server as such", "OPTIONS *", "*", 200, `${TARGETS}.4`],
  ["dot segments", "GET /a/../../etc/./passwd", "/etc/passwd", 200, DOT_SEGMENTS],
  ["HEAD", "HEAD /users/42", "/users/:id", 200, METHODS],
  ["a method beyond the known ones", "PURGE /cache/42", "/cache/:id", 200, METHODS, { method: "_OTHER" }],
  ["an answer that is not found", "GET /nothing/42?status=404", "/nothing/:id", 404, LOW_CARDINALITY],
  ["an answer that failed", "POST /orders/42?status=503", "/orders/:id", 503, LOW_CARDINALITY, { body: "{}" }],
];

testRoutes("node:http, CommonJS", { args: [script("app.cjs")] }, ROWS);
testRoutes("node:http, ES modules", { args: [script("app.mjs")] }, ROWS);
