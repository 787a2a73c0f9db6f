/**
 * Routes of SvelteKit on @sveltejs/adapter-node, built and started by `node build`: version × shape × expected path and status,
 * written from the documentation.
 */
import { cpSync, globSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../support/app.ts";
import { freePort } from "../support/free-port.ts";
import { installOnce } from "../support/install-once.ts";
import { type RouteRow, testRoutes } from "../support/route-table.ts";
import { succeed } from "../support/run.ts";

const APPS = join(REPOSITORY, "test/apps/sveltekit");
const DOCS = "https://svelte.dev/docs/kit/";

// biome-ignore format: a table, one row a line
const ROWS: readonly RouteRow[] = [
  ["a parameter, and a page that asks for another route", "GET /products/blue-shirt?a=b", "/products/[slug]", 200, `${DOCS}routing`],
  ["the root", "GET /", "/", 200, `${DOCS}routing`],
  ["the data of a page", "GET /products/blue-shirt/__data.json", "/products/[slug]", 200, `${DOCS}load`],
  ["an endpoint", "GET /api/items/abc", "/api/items/[id]", 200, `${DOCS}routing#server`],
  ["an endpoint that refuses", "GET /api/items/0", "/api/items/[id]", 422, `${DOCS}routing#server`],
  ["a rest parameter", "GET /files/a/b.txt", "/files/[...path]", 200, `${DOCS}advanced-routing#Rest-parameters`],
  ["a handler that throws", "GET /throws/42", "/throws/[id]", 500, `${DOCS}errors`],
  ["no route", "GET /nothing/42", "unmatched", 404, `${DOCS}errors`],
];

for (const version of ["2", "3"]) {
  const env: NodeJS.ProcessEnv = {};
  const options = {
    args: [join(APPS, version, ".built/build")],
    listening: /Listening on http:\/\/127\.0\.0\.1:(\d+)/,
    env,
  };
  testRoutes(`SvelteKit ${version}`, { ...options, prepare: () => build(join(APPS, version), env) }, ROWS);
}

/** Installs and builds it, and gives it a port to listen on. */
async function build(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const built = join(folder, ".built");
  installOnce(folder);
  cpSync(join(APPS, "pages"), join(built, "src"), { recursive: true });
  // named so that no tool of this project takes them for its own
  for (const file of globSync("{*.config.js.txt,package.json}", { cwd: folder }))
    cpSync(join(folder, file), join(built, file.replace(".txt", "")));
  await succeed(built, process.execPath, [join(folder, "node_modules/vite/bin/vite.js"), "build"], {});
  Object.assign(env, { HOST: "127.0.0.1", PORT: String(await freePort(0)) });
}
