/**
 * Routes of React Router 7, built and started by `react-router-serve`: shape × expected path and status, written from the
 * documentation.
 */
import { cpSync, globSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../support/app.ts";
import { freePort } from "../support/free-port.ts";
import { installOnce } from "../support/install-once.ts";
import { type RouteRow, testRoutes } from "../support/route-table.ts";
import { succeed } from "../support/run.ts";

const APP = join(REPOSITORY, "test/apps/react-router");
const BUILT = join(APP, ".built");
const BIN = join(APP, "node_modules/@react-router");
const ROUTING = "https://reactrouter.com/start/framework/routing";
const DATA = "https://reactrouter.com/start/framework/data-loading";

// biome-ignore format: a table, one row a line
const ROWS: readonly RouteRow[] = [
  ["the root", "GET /", "/", 200, `${ROUTING}#index-routes`],
  ["a parameter", "GET /products/blue-shirt?a=b", "/products/:slug", 200, `${ROUTING}#dynamic-segments`],
  ["the data of a page", "GET /products/blue-shirt.data", "/products/:slug", 200, DATA],
  ["the data of the root", "GET /_root.data", "/", 200, DATA],
  ["a resource", "GET /api/items/abc", "/api/items/:id", 200, ROUTING],
  ["a nested route with an optional segment", "GET /shop/acme/list", "/shop/:tenant/list/:id?", 200, `${ROUTING}#optional-segments`],
  ["a splat", "GET /files/a/b.txt", "/files/*", 200, `${ROUTING}#splats`],
  ["a loader that refuses", "GET /throws/42", "/throws/:id", 410, DATA],
  ["no route", "GET /nothing/42", "unmatched", 404, ROUTING],
  ["a path that cannot be decoded", "GET /products/%zz", "unmatched", 400, ROUTING],
];

const env: NodeJS.ProcessEnv = {};
testRoutes(
  "React Router 7",
  {
    args: [join(BIN, "serve/bin.js"), join(BUILT, "build/server/index.js")],
    listening: /\[react-router-serve\] http:\/\/localhost:(\d+)/,
    env,
    prepare: async () => {
      installOnce(APP);
      cpSync(join(APP, "package.json"), join(BUILT, "package.json"));
      cpSync(join(APP, "vite.config.js.txt"), join(BUILT, "vite.config.js"));
      // named so that no tool of this project takes them for its own
      for (const file of globSync("**/*.txt", { cwd: join(APP, "pages") }))
        cpSync(join(APP, "pages", file), join(BUILT, "app", file.replace(/\.txt$/, "")));
      await succeed(BUILT, process.execPath, [join(BIN, "dev/bin.js"), "build"], {});
      Object.assign(env, { HOST: "127.0.0.1", PORT: String(await freePort(0)) });
    },
  },
  ROWS,
);
