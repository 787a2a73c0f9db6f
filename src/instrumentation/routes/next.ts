/**
 * Routes of Next.js 15 and 16: its router leaves with the request which page, route handler or API route it has chosen,
 * in Next's own notation (`/users/[id]`). That is read when the request has ended, so nothing of Next is hooked, and
 * `next start`, a custom server and the standalone output are alike.
 * https://nextjs.org/docs/app/api-reference/file-conventions/dynamic-routes
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath } from "../../view/label-sets.ts";
import type { RequestInFlight } from "../http/request-in-flight.ts";
import type { Framework } from "./framework.ts";
import { RouteSource } from "./route.ts";

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

/** An Express in front of Next has one route for all of its pages, so the label is final. */
export const next: Framework = {
  observe({ labelSets }) {
    /** Hot path (per request). */
    function read(inFlight: RequestInFlight): LabelPath | undefined {
      const meta = (inFlight.request as NextRequest | undefined)?.[REQUEST_META];
      if (!meta) return undefined;
      const { invokeOutput } = meta;
      if (typeof invokeOutput !== "string" || invokeOutput === "") return ofNoPage(inFlight);
      return ERROR_PAGES.has(invokeOutput) ? labelSets.unmatched : labelSets.template(invokeOutput);
    }

    /** Files are recognised by how they are served: with ranges, which neither a redirect nor an answer of the proxy has. */
    function ofNoPage({ target, response }: RequestInFlight): LabelPath {
      const isFile =
        response !== undefined &&
        response.statusCode < FIRST_REFUSAL &&
        response.getHeader("accept-ranges") === "bytes";
      if (!isFile) return labelSets.unmatched;
      return labelSets.template(target.includes(BUILT_FILES) ? `${BUILT_FILES}*` : "/*");
    }

    return { reader: { source: RouteSource.FINAL, read } };
  },
};
