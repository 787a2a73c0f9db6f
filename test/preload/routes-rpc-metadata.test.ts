/** Routes that other instrumentations tell OpenTelemetry of: `RPCMetadata.route`. */
import { type FrameworkRow, testFramework } from "../support/framework-tables.ts";

const DOCS =
  "https://github.com/open-telemetry/opentelemetry-js/blob/main/packages/opentelemetry-core/src/trace/rpc-metadata.ts";

// biome-ignore format: a table, one row a line
const ROWS: readonly FrameworkRow[] = [
  ["a route that was told", "GET /users/ada", "/users/{id}", 200, DOCS],
  ["a route that was told later", "GET /users/ada", "/users/{id}", 200, DOCS, { headers: { "x-later": "1" } }],
  ["no route was told", "GET /plain/42", "/plain/:id", 200, DOCS],
  ["a route that is no text", "GET /odd/42", "/odd/:id", 200, DOCS],
  ["a route that is no path", "GET /raw/42", "/raw/:id", 200, DOCS],
];

testFramework(
  "RPCMetadata",
  [
    { version: "of the API 1.x", args: ["rpc-metadata.cjs"] },
    { version: "of the API 1.x", args: ["rpc-metadata.cjs"], nodeVersion: "20" },
  ],
  ROWS,
);
