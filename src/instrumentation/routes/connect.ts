/**
 * Mounts of connect: it has no routes, but its stack of mounts lies open at the server's listener, which is the
 * application itself. So no module is hooked, and a bundled connect is seen as well.
 * https://github.com/senchalabs/connect#mount-middleware
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath } from "../../view/label-sets.ts";
import type { RequestInFlight } from "../http/request-in-flight.ts";
import type { Framework } from "./framework.ts";
import { RouteSource } from "./route.ts";

interface ConnectLayer {
  readonly route: string;
  readonly handle: unknown;
}

interface ConnectApp {
  readonly stack: readonly ConnectLayer[];
}

/** Express's applications are functions with a handle, too, and have their stack elsewhere. */
function isConnectApp(listener: unknown): listener is ConnectApp {
  if (typeof listener !== "function") return false;
  const { stack, handle, route } = listener as Partial<Record<"stack" | "handle" | "route", unknown>>;
  return Array.isArray(stack) && typeof handle === "function" && typeof route === "string";
}

/** Hot path (per request). The mount that answers, the outermost one where they are nested: what it took is off the URL. */
function connectMount(app: ConnectApp, request: IncomingMessage, target: string): ConnectLayer | undefined {
  const url = request.url ?? "";
  if (url === target) return undefined;
  let mount: ConnectLayer | undefined;
  for (let i = 0; i < app.stack.length; i++) {
    const layer = app.stack[i] as ConnectLayer;
    const { length } = layer.route;
    if (
      length > 1 &&
      length > (mount?.route.length ?? 0) &&
      isBelow(target, layer.route) &&
      endsWith(target, length, url)
    )
      mount = layer;
  }
  return mount;
}

/** A mount takes whole segments, whatever their case, and what comes after a dot. */
function isBelow(target: string, route: string): boolean {
  const next = target[route.length];
  if (next !== undefined && next !== "/" && next !== "." && next !== "?") return false;
  return target.slice(0, route.length).toLowerCase() === route.toLowerCase();
}

/** Whether the URL is what is left of the target behind the mount, or the end of that where mounts are nested. */
function endsWith(target: string, start: number, url: string): boolean {
  const left = target.slice(start);
  return left.endsWith(url) || `/${left}`.endsWith(url);
}

export const connect: Framework = {
  observe({ labelSets }) {
    const labels = new WeakMap<ConnectLayer, LabelPath>();

    /** Hot path (per request). `<mount>/*`, or nothing where a handler outside of any mount has answered. */
    function label(app: ConnectApp, { request, target }: RequestInFlight): LabelPath | undefined {
      const mount = request && connectMount(app, request, target);
      if (mount === undefined) return undefined;
      let known = labels.get(mount);
      if (known === undefined) {
        known = labelSets.template(`${mount.route}/*`);
        labels.set(mount, known);
      }
      return known;
    }

    return {
      readerOf: (listener) =>
        isConnectApp(listener)
          ? { source: RouteSource.LISTENER, read: (request) => label(listener, request) }
          : undefined,
    };
  },
};
