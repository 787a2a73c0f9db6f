/**
 * What an application can find out about `req.route` and `req.baseUrl`, which our accessors must not change. Each probe
 * is run with the preload and without, and what it has seen is compared.
 */
import { IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { anotherExpress } from "./express-shape.ts";

type Request = IncomingMessage & { [property: string]: unknown };
/** Keeps what a probe has seen: what JSON can show. */
type See = (seen: unknown) => void;

export interface Probe {
  readonly name: string;
  /** What is asked for. */
  readonly target: string;
  /** The label that it is counted under. */
  readonly path: string;
  /** Answers the request. */
  readonly run: (req: Request, res: ServerResponse, see: See) => void;
  /** What is seen with the preload, where docs/limits.md says that it differs. */
  readonly seenWith?: unknown;
  /** The class of the server's requests. Default: Node's own. */
  readonly requestClass?: typeof IncomingMessage;
}

/** Answers, and sees when that is done. */
function seeWhenDone(req: Request, res: ServerResponse, see: See): void {
  const seen: unknown[] = [];
  const look = (event: string) => () => seen.push([event, req.route, req.baseUrl]);
  res.on("finish", look("finish")).on("close", look("close"));
  res.on("close", () => setImmediate(() => see(seen)));
  res.end();
}

function attempt(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return (error as Error).name;
  }
}

/** As in a script that is not strict. */
const assignSloppily = new Function("object", "value", "object.route = value; return object.route") as (
  object: object,
  value: unknown,
) => unknown;

const PLAIN: readonly Probe[] = [
  {
    name: "nothing is there before it is assigned",
    target: "/nothing/7",
    path: "/nothing/:id",
    run: (req, res, see) => {
      const { route, baseUrl } = req;
      see([route === undefined, baseUrl === undefined, `${req.route}`, typeof req.baseUrl, req.route ?? "default"]);
      res.end();
    },
  },
  ...(
    [
      ["a string", "/orders/:id"],
      ["an object without a path", { name: "orders" }],
      ["an object whose path is a number", { path: 5 }],
      ["an empty string", ""],
      ["null", null],
      ["zero", 0],
      ["a function", () => "called"],
    ] as const
  ).map(
    ([name, value], i): Probe => ({
      name: `a route of its own: ${name}`,
      target: `/own-${"abcdefg"[i]}/7`,
      path: `/own-${"abcdefg"[i]}/:id`,
      run: (req, res, see) => {
        req.route = value;
        req.baseUrl = value;
        const first = [req.route === value, req.baseUrl === value];
        req.route = "again";
        see([first, req.route]);
        res.end();
      },
    }),
  ),
  {
    name: "a base URL of its own",
    target: "/based/7",
    path: "/based/:id",
    run: (req, res, see) => {
      req.baseUrl = "http://shop.example/base";
      req.baseUrl += "/more";
      see([req.baseUrl, new URL(req.url as string, req.baseUrl as string).href]);
      res.end();
    },
  },
  {
    name: "a route of its own that looks like one: it is taken for one",
    target: "/like-a-route/7",
    path: "/like-a-route/:number",
    run: (req, res, see) => {
      req.route = { path: "/like-a-route/:number", method: "GET" };
      see(req.route);
      res.end();
    },
  },
  {
    name: "a route of its own whose path cannot be read",
    target: "/unreadable/7",
    path: "/unreadable/:id",
    run: (req, res, see) => {
      const route = {
        get path() {
          throw new Error("unreadable");
        },
      };
      req.route = route;
      see(req.route === route);
      res.end();
    },
  },
  {
    name: "when the response is done",
    target: "/done/7",
    path: "/done/:id",
    run: (req, res, see) => {
      req.route = { name: "done" };
      req.baseUrl = "/base";
      seeWhenDone(req, res, see);
    },
  },
  {
    name: "assigned when the response is done",
    target: "/late/7",
    path: "/late/:id",
    run: (req, res, see) => {
      res.on("finish", () => {
        req.route = { path: "/too-late" };
        req.baseUrl = "/too-late";
      });
      seeWhenDone(req, res, see);
    },
  },
  {
    name: "Object.create(req)",
    target: "/created/7",
    path: "/created/:id",
    run: (req, res, see) => {
      const wrapper = Object.create(req) as Request;
      const before = [wrapper.route, wrapper.baseUrl];
      wrapper.route = { path: "/wrapper" };
      const outer = [wrapper.route, req.route];
      req.baseUrl = "/inherited";
      see([before, outer, wrapper.baseUrl, (Object.create(wrapper) as Request).route]);
      res.end();
    },
  },
  {
    name: "a proxy of the request",
    target: "/proxied/7",
    path: "/proxied/:id",
    run: (req, res, see) => {
      const guarded = new Proxy(req, {
        set(target, property, value, receiver) {
          if (value === "refused") throw new TypeError("refused");
          return Reflect.set(target, property, value, receiver);
        },
      });
      guarded.route = { path: 7 };
      const refused = attempt(() => {
        guarded.route = "refused";
        return "assigned";
      });
      see([guarded.route, req.route, refused]);
      res.end();
    },
  },
  {
    name: "a property that is defined, not assigned",
    target: "/defined/7",
    path: "/defined/:id",
    run: (req, res, see) => {
      Object.defineProperty(req, "route", { value: "defined", writable: false, configurable: true });
      const refused = attempt(() => {
        req.route = "assigned";
        return "assigned";
      });
      see([req.route, refused, delete req.route]);
      res.end();
    },
  },
  {
    name: "a wrapper that takes no properties, in a script that is not strict",
    target: "/sloppy/7",
    path: "/sloppy/:id",
    run: (req, res, see) => {
      const closed = Object.preventExtensions(Object.create(req)) as Request;
      see([assignSloppily(closed, { path: "/no" }) ?? "undefined", req.route ?? "undefined"]);
      res.end();
    },
  },
  {
    name: "a wrapper that takes no properties, in strict mode: it refuses in silence",
    target: "/strict/7",
    path: "/strict/:id",
    run: (req, res, see) => {
      const closed = Object.preventExtensions(Object.create(req)) as Request;
      const assign = () => {
        closed.route = { path: "/no" };
        return "assigned";
      };
      see([attempt(assign), closed.route ?? "undefined"]);
      res.end();
    },
    seenWith: ["assigned", "undefined"],
  },
  {
    name: "delete: the value stays",
    target: "/deleted/7",
    path: "/deleted/:id",
    run: (req, res, see) => {
      req.route = "deleted";
      see([delete req.route, req.route ?? "undefined"]);
      res.end();
    },
    seenWith: [true, "deleted"],
  },
  {
    name: "own properties: they are none",
    target: "/owned/7",
    path: "/owned/:id",
    run: (req, res, see) => {
      const before = "route" in req;
      req.route = "owned";
      const { route, ...others } = req;
      see([
        before,
        "route" in req,
        Object.hasOwn(req, "route"),
        Object.keys(req).includes("route"),
        { ...req }.route ?? "undefined",
        [route, "route" in others],
      ]);
      res.end();
    },
    seenWith: [true, true, false, false, "undefined", ["owned", false]],
  },
  {
    name: "a copy by Object.assign() onto another request",
    target: "/copied/7",
    path: "/copied/:id",
    run: (req, res, see) => {
      req.route = "copied";
      see(Object.assign(Object.create(IncomingMessage.prototype), req).route);
      res.end();
    },
  },
];

class WithField extends IncomingMessage {
  route = "field";
  baseUrl = "/field";
}
class WithAccessor extends IncomingMessage {
  #route = "accessor";
  get route() {
    return `read ${this.#route}`;
  }
  set route(value: string) {
    this.#route = `assigned ${value}`;
  }
}
class WithAssignment extends IncomingMessage {
  constructor(...args: ConstructorParameters<typeof IncomingMessage>) {
    super(...args);
    Object.assign(this, { route: "constructor" });
  }
}

const CLASSES: readonly Probe[] = [WithField, WithAccessor, WithAssignment].map((requestClass) => ({
  name: `requests of a class of its own: ${requestClass.name}`,
  target: `/${requestClass.name}/7`,
  path: `/${requestClass.name}/:id`,
  run: (req, res, see) => {
    const before = [req.route, req.baseUrl ?? "none"];
    req.route = "new";
    see([before, req.route, req.constructor.name, req instanceof requestClass]);
    res.end();
  },
  requestClass,
}));

/** Express's own handlers must find what Express has put there. */
const express = anotherExpress("5.3");
const app = express();
const EXPRESS: readonly Probe[] = [
  {
    name: "in Express, from its first handler to the end of the response",
    target: "/express/acme/orders/7",
    path: "/express/:tenant/orders/:id",
    run: (req, res, see) => {
      const seen: unknown[] = [];
      const look = (where: string) =>
        seen.push([where, (req.route as { path?: string } | undefined)?.path ?? "none", req.baseUrl ?? "none"]);
      look("before");
      res.on("finish", () => look("finish")).on("close", () => look("close"));
      res.on("close", () => setImmediate(() => see(seen)));
      const router = express.Router({ mergeParams: true });
      router.use((_req, _res, next) => {
        look("router");
        next();
      });
      router.get("/orders/:id", (request, response) => {
        look("route");
        seen.push(
          (request as unknown as Request).route ===
            (router as unknown as { stack: { route: unknown }[] }).stack[1]?.route,
        );
        response.send("ok");
      });
      app.use("/express/:tenant", router);
      (app as unknown as RequestListener)(req, res);
    },
  },
];

/** Last: what is deleted from the prototype is gone for all requests. */
const PROTOTYPE: readonly Probe[] = [
  {
    name: "a property of the prototype",
    target: "/prototype/7",
    path: "/prototype/:id",
    run: (req, res, see) => {
      const prototype = IncomingMessage.prototype as unknown as Request;
      prototype.route = "everybody's";
      const inherited = [req.route, (Object.create(prototype) as Request).route];
      req.route = "own";
      const own = req.route;
      see([inherited, own, delete prototype.route, prototype.route ?? "undefined"]);
      res.end();
    },
  },
];

export const PROBES: readonly Probe[] = [...PLAIN, ...CLASSES, ...EXPRESS, ...PROTOTYPE];
