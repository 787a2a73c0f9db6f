/**
 * What a row of the table of Express's routes is made of. Rows are shared by all versions of Express and both module
 * systems, so Express itself comes as an argument, and as much of its types as the rows use.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { dirname } from "node:path";

export type Request = IncomingMessage & {
  params: Record<string, unknown>;
  url: string;
  baseUrl: string;
  method: string;
};
export interface Response extends ServerResponse {
  send(body: string): unknown;
  sendStatus(status: number): unknown;
  sendFile(path: string): unknown;
  status(status: number): Response;
}
export type Next = (error?: unknown) => void;
export type Handler = (req: Request, res: Response, next: Next) => unknown;
export type ErrorHandler = (error: Error, req: Request, res: Response, next: Next) => unknown;
type Path = string | RegExp | readonly (string | RegExp)[];
type Method = (path: Path, ...handlers: readonly (Handler | readonly Handler[])[]) => unknown;

interface Route {
  get(...handlers: readonly Handler[]): Route;
  post(...handlers: readonly Handler[]): Route;
}

export interface Router extends Handler {
  readonly all: Method;
  readonly get: Method;
  readonly post: Method;
  readonly head: Method;
  readonly options: Method;
  param(name: string, handler: (req: Request, res: Response, next: Next, value: string) => void): unknown;
  route(path: Path): Route;
  use(...handlers: readonly Handler[]): unknown;
  use(handler: ErrorHandler): unknown;
  use(path: Path, ...handlers: readonly Handler[]): unknown;
}

export interface Express {
  (): Router;
  Router(options?: { mergeParams?: boolean; caseSensitive?: boolean; strict?: boolean }): Router;
  static(root: string): Handler;
}

/** Express 4.22; Express 5.0 on router 2.0; Express 5.1 on router 2.2; Express 5.3 on router 2.3. */
export const VERSIONS = { "4.22": "express4", "5.0": "express50", "5.1": "express51", "5.3": "express" } as const;
export type Version = keyof typeof VERSIONS;
export const FIVE = ["5.0", "5.1", "5.3"] as const satisfies readonly Version[];
/** Their routers tell a mount's pattern to nobody, not even in the layer. */
export const UNTOLD = ["5.0", "5.1"] as const satisfies readonly Version[];

/** What is asked, `GET /users/7`, and the labels that it must be counted under, `200 /users/:id`. */
export type Row = readonly [request: string, expected: string];

export interface Shape {
  readonly name: string;
  /** Where Express's documentation says what is expected here. */
  readonly docs: string;
  /** Default: all versions. */
  readonly on?: readonly Version[];
  /** Gets an application of its own. */
  readonly setUp: (app: Router, express: Express) => void;
  /** One after the other, each once … */
  readonly rows: readonly Row[];
  /** … or all at the same time. */
  readonly concurrently?: boolean;
}

export const ROUTING = "https://expressjs.com/en/guide/routing.html";
export const MIDDLEWARE = "https://expressjs.com/en/guide/using-middleware.html";
export const ERRORS = "https://expressjs.com/en/guide/error-handling.html";
export const MIGRATING = "https://expressjs.com/en/guide/migrating-5.html";
export const FAQ = "https://expressjs.com/en/starter/faq.html";
export const API = "https://expressjs.com/en/5x/api.html";
export const API4 = "https://expressjs.com/en/4x/api.html";

export const ok: Handler = (_req, res) => res.send("ok");
export const pass: Handler = (_req, _res, next) => next();

/** A router with one route. */
export function routerWith(express: Pick<Express, "Router">, path: Path, options?: { mergeParams?: boolean }): Router {
  const router = express.Router(options);
  router.get(path, ok);
  return router;
}

const require = createRequire(import.meta.url);

/** Express in a second version in the same process. */
export function anotherExpress(version: Version): Express {
  return require(VERSIONS[version]) as Express;
}

/** Express 5.3's router in a second copy in the same process. */
export function anotherRouter(): Express["Router"] {
  const path = createRequire(require.resolve(VERSIONS["5.3"])).resolve("router");
  const loaded = Object.entries(require.cache).filter(([file]) => file.startsWith(dirname(path)));
  for (const [file] of loaded) delete require.cache[file];
  const router = require(path) as Express["Router"];
  for (const [file, module] of loaded) require.cache[file] = module;
  return router;
}
