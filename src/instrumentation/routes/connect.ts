/**
 * Mounts of connect: it has no routes, but its stack of mounts lies open at the server's listener, which is the
 * application itself. So no module is hooked, and a bundled connect is seen as well.
 * https://github.com/senchalabs/connect#mount-middleware
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath, LabelSets } from "../../view/label-sets.ts";

interface Layer {
  readonly route: string;
  readonly handle: unknown;
}

export interface ConnectApp {
  readonly stack: readonly Layer[];
}

/** Express's applications are functions with a handle, too, and have their stack elsewhere. */
export function isConnectApp(listener: unknown): listener is ConnectApp {
  if (typeof listener !== "function") return false;
  const { stack, handle, route } = listener as Partial<Record<"stack" | "handle" | "route", unknown>>;
  return Array.isArray(stack) && typeof handle === "function" && typeof route === "string";
}

/** Hot path (per request). The mount that answers, the outermost one where they are nested: what it took is off the URL. */
function connectMount(app: ConnectApp, request: IncomingMessage, target: string): Layer | undefined {
  const url = request.url ?? "";
  if (url === target) return undefined;
  let mount: Layer | undefined;
  for (let i = 0; i < app.stack.length; i++) {
    const layer = app.stack[i] as Layer;
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

export class ConnectMounts {
  readonly #labelSets: LabelSets;
  readonly #labels = new WeakMap<Layer, LabelPath>();

  constructor(labelSets: LabelSets) {
    this.#labelSets = labelSets;
  }

  /** Hot path (per request). `<mount>/*`, or nothing where what is not mounted has answered. */
  label(app: ConnectApp, request: IncomingMessage, target: string): LabelPath | undefined {
    const mount = connectMount(app, request, target);
    if (mount === undefined) return undefined;
    let label = this.#labels.get(mount);
    if (label === undefined) {
      label = this.#labelSets.template(`${mount.route}/*`);
      this.#labels.set(mount, label);
    }
    return label;
  }
}
