/** TypeScript applications under what compiles them as they are loaded; Node's own type stripping is in loading.test.ts. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type App, REGISTER, REPOSITORY, startApp } from "../support/app.ts";
import { assertMeasured } from "../support/loading.ts";
import { INSTALLED_WITHIN_MS, installTools, TOOLS } from "../support/tools.ts";

const APPS = join(REPOSITORY, "test/apps/loading");
const PACKAGES = join(TOOLS, "node_modules");

const TSX = ["--import", pathToFileURL(join(PACKAGES, "tsx/dist/loader.mjs")).href];
const TS_NODE = ["--require", join(PACKAGES, "ts-node/register")];
/** https://typestrong.org/ts-node/docs/imports#native-ecmascript-modules */
const TS_NODE_ESM = [
  "--disable-warning=DEP0180", // ts-node's own
  "--import",
  `data:text/javascript,import { register } from "node:module"; register("${pathToFileURL(join(PACKAGES, "ts-node/esm.mjs"))}")`,
];

const TS_NODE_ENVIRONMENT = {
  // the TypeScript of this repository has no compiler API
  TS_NODE_COMPILER: join(PACKAGES, "typescript"),
  TS_NODE_SKIP_PROJECT: "true",
  TS_NODE_TRANSPILE_ONLY: "true",
  TS_NODE_COMPILER_OPTIONS: '{"module":"nodenext","moduleResolution":"nodenext"}',
};

const RED = ["--require", REGISTER];
const RED_BY_OPTIONS = { NODE_OPTIONS: `--require "${REGISTER}"` };

interface Row {
  readonly how: string;
  readonly flags: readonly string[];
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

const CJS = join(APPS, "express.cts");
const ESM = join(APPS, "fastify.mts");

// biome-ignore format: a table, one row a line
const ROWS: readonly Row[] = [
  { how: "tsx after otel-red", flags: [...RED, ...TSX], args: [CJS] },
  { how: "tsx after otel-red", flags: [...RED, ...TSX], args: [ESM] },
  { how: "tsx before otel-red", flags: [...TSX, "--import", REGISTER], args: [ESM] },
  { how: "the command tsx", flags: [], args: [join(PACKAGES, "tsx/dist/cli.mjs"), CJS], env: RED_BY_OPTIONS },
  { how: "the command tsx", flags: [], args: [join(PACKAGES, "tsx/dist/cli.mjs"), ESM], env: RED_BY_OPTIONS },
  { how: "ts-node after otel-red", flags: [...RED, ...TS_NODE], args: [CJS], env: TS_NODE_ENVIRONMENT },
  { how: "ts-node before otel-red", flags: [...TS_NODE, ...RED], args: [CJS], env: TS_NODE_ENVIRONMENT },
  { how: "ts-node after otel-red", flags: [...RED, ...TS_NODE_ESM], args: [ESM], env: TS_NODE_ENVIRONMENT },
  { how: "the command ts-node", flags: [], args: [join(PACKAGES, "ts-node/dist/bin.js"), CJS], env: { ...TS_NODE_ENVIRONMENT, ...RED_BY_OPTIONS } },
];

describe("TypeScript by", function typescript() {
  this.timeout(60_000);

  let app: App | undefined;

  before(function install() {
    this.timeout(INSTALLED_WITHIN_MS);
    return installTools();
  });
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });

  for (const { how, flags, args, env } of ROWS) {
    it(`${how}: ${args.at(-1)?.slice(APPS.length + 1)}`, async () => {
      app = await startApp({ flags, args, env: { OTEL_SERVICE_NAME: "loading", ...env } });
      await assertMeasured(app);
    });
  }
});
