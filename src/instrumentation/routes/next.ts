/**
 * Routes of Next.js 15 and 16: its router leaves with the request which page, route handler or API route it has chosen,
 * in Next's own notation (`/users/[id]`). That is read when the request has ended, so nothing of Next is hooked, and
 * `next start`, a custom server and the standalone output are alike.
 * https://nextjs.org/docs/app/api-reference/file-conventions/dynamic-routes
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath, LabelSets } from "../../view/label-sets.ts";
import type { RequestInFlight } from "../http/in-flight.ts";

/** https://github.com/vercel/next.js/blob/canary/packages/next/src/server/request-meta.ts */
const REQUEST_META = Symbol.for("NextInternalRequestMeta");

interface RequestMeta {
  /** What the router has chosen; empty or missing where it is no page: a file, a redirect, an answer of the proxy. */
  readonly invokeOutput?: unknown;
}

interface NextRequest extends IncomingMessage {
  readonly [REQUEST_META]?: RequestMeta;
}

/** Pages that answer for others; a client may ask for them by name. */
const ERROR_PAGES: ReadonlySet<unknown> = new Set(["/404", "/500", "/_error", "/_not-found"]);

/** What was built, by its hash. It may be below a `basePath`, which is in no page's notation either. */
const BUILT_FILES = "/_next/static/";

const FIRST_REFUSAL = 400;

export class NextRoutes {
  readonly #labelSets: LabelSets;

  constructor(labelSets: LabelSets) {
    this.#labelSets = labelSets;
  }

  /** Hot path (per request). The label of a request that Next has, or has had, in its hands; else undefined. */
  label(inFlight: RequestInFlight): LabelPath | undefined {
    const meta = (inFlight.request as NextRequest | undefined)?.[REQUEST_META];
    if (!meta) return undefined;
    inFlight.framework = true;
    const { invokeOutput } = meta;
    if (typeof invokeOutput !== "string" || invokeOutput === "") return this.#ofNoPage(inFlight);
    return ERROR_PAGES.has(invokeOutput) ? this.#labelSets.unmatched : this.#labelSets.template(invokeOutput);
  }

  /** Files are told by how they are served: with ranges, which neither a redirect nor an answer of the proxy has. */
  #ofNoPage({ target, response }: RequestInFlight): LabelPath {
    const isFile =
      response !== undefined && response.statusCode < FIRST_REFUSAL && response.getHeader("accept-ranges") === "bytes";
    if (!isFile) return this.#labelSets.unmatched;
    return this.#labelSets.template(target.includes(BUILT_FILES) ? `${BUILT_FILES}*` : "/*");
  }
}
