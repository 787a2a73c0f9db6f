/**
 * Routes of React Router 7 under `react-router-serve`, whose Express has one route for all pages. The server's build exports its
 * routes, and the package itself says which one a path matches. https://reactrouter.com/api/data-routers/matchRoutes
 */
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { mainScriptFile } from "../../config/main-script.ts";
import { onceServer } from "../../node/listening.ts";
import type { LabelPath, LabelSets } from "../../view/label-sets.ts";
import type { RequestInFlight } from "../http/request-in-flight.ts";
import type { Framework, Observation, Observer } from "./framework.ts";
import { RouteSource } from "./route.ts";

/** The command, started with the file of the build. */
const SERVE = /[\\/]@react-router[\\/]serve[\\/](?:bin|dist[\\/]cli)\.js$/;
/** Of a page's data, as the browser asks for them. https://reactrouter.com/how-to/pre-rendering */
const DATA = /(?:\/_root)?\.data$/;

interface Route {
  readonly id: string;
  readonly parentId?: string;
  readonly path?: string;
}
interface RouteInTree extends Route {
  readonly children?: readonly RouteInTree[];
}
interface Build {
  readonly routes?: Readonly<Record<string, Route>>;
  readonly basename?: string;
}
type MatchRoutes = (
  routes: readonly RouteInTree[],
  location: { readonly pathname: string },
  basename?: string,
) => readonly { readonly route: RouteInTree }[] | null;

export const reactRouter: Framework = { observe };

function observe({ labelSets, onFailure }: Observation): Observer {
  const script = mainScriptFile();
  const [, , file] = process.argv;
  if (!SERVE.test(script) || file === undefined) return {};
  let pages: Pages | undefined;
  const { stop } = onceServer(() => {
    pages = Pages.of(script, resolve(file), labelSets);
  }, onFailure);
  return {
    reader: {
      source: RouteSource.FINAL,
      // without the build's routes, the path of a page says more than that of Express's route
      read: ({ route, target }: RequestInFlight) =>
        route.matched?.value.includes("*") === true ? (pages?.labelOf(target) ?? labelSets.unmatched) : undefined,
    },
    remove: stop,
  };
}

class Pages {
  readonly #tree: readonly RouteInTree[];
  readonly #basename: string;
  readonly #match: MatchRoutes;
  readonly #labelSets: LabelSets;
  /** By the id of the innermost route. */
  readonly #labels = new Map<string, LabelPath>();

  /**
   * The command has imported the build before it listens, so nothing is run here. `undefined` for a build that has other routes, or
   * waits for something while it is loaded.
   */
  static of(script: string, file: string, labelSets: LabelSets): Pages | undefined {
    try {
      const build = createRequire(file)(file) as Build;
      const { matchRoutes } = createRequire(script)("react-router") as { readonly matchRoutes?: MatchRoutes };
      if (build.routes !== undefined && matchRoutes !== undefined) return new Pages(build, matchRoutes, labelSets);
    } catch {
      // a version that we do not know
    }
    return undefined;
  }

  constructor({ routes = {}, basename = "/" }: Build, match: MatchRoutes, labelSets: LabelSets) {
    this.#tree = treeOf(Object.values(routes));
    this.#basename = basename;
    this.#match = match;
    this.#labelSets = labelSets;
  }

  labelOf(target: string): LabelPath {
    const [path = "/"] = target.split("?", 1);
    const pathname = path.replace(DATA, "") || "/";
    const matches = isEncoded(pathname) ? this.#match(this.#tree, { pathname }, this.#basename) : null;
    const innermost = matches?.at(-1)?.route;
    if (matches === null || innermost === undefined) return this.#labelSets.unmatched;
    let label = this.#labels.get(innermost.id);
    if (label === undefined) {
      const paths = [this.#basename, ...matches.map(({ route }) => route.path ?? "")];
      label = this.#labelSets.template(`/${paths.join("/")}`.replace(/\/+/g, "/").replace(/(?<=.)\/$/, ""));
      this.#labels.set(innermost.id, label);
    }
    return label;
  }
}

function treeOf(routes: readonly Route[], parentId?: string): RouteInTree[] {
  return routes
    .filter((route) => (route.parentId || undefined) === parentId)
    .map((route) => ({ ...route, children: treeOf(routes, route.id) }));
}

/** React Router prints a warning for a path that cannot be decoded. */
function isEncoded(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
