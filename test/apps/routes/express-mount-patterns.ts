/** Mounts by everything that Express takes for a path. */
import {
  API,
  API4,
  type Express,
  type Handler,
  MIGRATING,
  ok,
  type Router,
  type Row,
  routerWith,
  type Shape,
  UNTOLD,
} from "./express-shape.ts";

const WORDS = "alder birch cedar dogwood elm fir ginkgo hazel ironwood juniper larch maple oak pine rowan spruce".split(
  " ",
);
const MORE_WORDS = ["teak", "walnut", "yew", "willow"];

/** A router behind a function of the application's own: no layer leads to it. */
function wrapped(router: Router): Handler {
  return (req, res, next) => router(req, res, next);
}

/** Replaces the value of `tenant`. */
function rewriting(app: Router, express: Express, rewrite: (value: string) => unknown): void {
  app.param("tenant", (req, _res, next, value) => {
    req.params.tenant = rewrite(value);
    next();
  });
  app.use("/t/:tenant", routerWith(express, "/orders", { mergeParams: true }));
}

export const MOUNT_PATTERN_SHAPES: readonly Shape[] = [
  {
    name: "encoded values",
    docs: `${API}#req.params`,
    setUp: (app, express) => {
      app.use("/t/:name", routerWith(express, "/x"));
      app.use("/merged/:name", routerWith(express, "/x", { mergeParams: true }));
    },
    rows: [
      ["GET /t/a%20b/x", "200 /t/:name/x"],
      ["GET /t/a%2Fb/x", "200 /t/:name/x"],
      ["GET /t/%C3%A9t%C3%A9/x", "200 /t/:name/x"],
      ["GET /t/a+b&c=d/x", "200 /t/:name/x"],
      ["GET /t/%61/x", "200 /t/:name/x"],
      ["GET /merged/%2e%2e/x", "200 /merged/:name/x"],
    ],
  },
  {
    name: "an encoded literal",
    docs: `${API}#app.use`,
    setUp: (app, express) => app.use("/caf%C3%A9/:id", routerWith(express, "/x")),
    rows: [["GET /caf%C3%A9/7/x", "200 /caf%C3%A9/:id/x"]],
  },
  {
    name: "a parameter in a part of a segment",
    docs: `${API}#path-examples`,
    setUp: (app, express) => {
      app.use("/api/v:version", routerWith(express, "/x"));
      app.use("/range/:from-:to", routerWith(express, "/x"));
      app.use("/files/:name.json", routerWith(express, "/x"));
    },
    rows: [
      ["GET /api/v1/x", "200 /api/v:version/x"],
      ["GET /api/vv/x", "200 /api/v:version/x"],
      ["GET /api/V12/x", "200 /api/v:version/x"],
      ["GET /range/a-b/x", "200 /range/:from-:to/x"],
      ["GET /range/b-a/x", "200 /range/:from-:to/x"],
      ["GET /files/json.json/x", "200 /files/:name.json/x"],
    ],
  },
  {
    name: "a value that equals a literal",
    docs: `${API}#req.params`,
    setUp: (app, express) => {
      app.use("/users/:id", routerWith(express, "/users"));
      app.use("/:kind/kind/:other", routerWith(express, "/x"));
    },
    rows: [
      ["GET /users/users/users", "200 /users/:id/users"],
      ["GET /users/7/users", "200 /users/:id/users"],
      ["GET /kind/kind/kind/x", "200 /:kind/kind/:other/x"],
    ],
  },
  {
    name: "a value rewritten by app.param(), to another string",
    docs: `${API}#app.param`,
    setUp: (app, express) => rewriting(app, express, (value) => `tenant ${value}`),
    rows: [
      ["GET /t/acme/orders", "200 /t/:tenant/orders"],
      ["GET /t/t/orders", "200 /t/:tenant/orders"],
    ],
  },
  {
    name: "a value rewritten by app.param(), to what is the literal",
    docs: `${API}#app.param`,
    setUp: (app, express) => rewriting(app, express, () => "t"),
    rows: [["GET /t/acme/orders", "200 /t/:tenant/orders"]],
  },
  {
    name: "a value rewritten by app.param(), to an object",
    docs: `${API}#app.param`,
    setUp: (app, express) => rewriting(app, express, (value) => ({ name: value })),
    rows: [
      ["GET /t/acme/orders", "200 /t/:tenant/orders"],
      ["GET /t/umbrella/orders", "200 /t/:tenant/orders"],
    ],
  },
  {
    name: "a regular expression",
    docs: `${API}#path-examples`,
    on: ["4.22", "5.3"],
    setUp: (app, express) => {
      app.use(/^\/shop-(\d+)/, routerWith(express, "/x"));
      app.use(/\/abc|\/xyz/, routerWith(express, "/:id"));
    },
    rows: [
      ["GET /shop-12345/x", "200 /^\\/shop-(\\d+)//x"],
      ["GET /shop-67890/x", "200 /^\\/shop-(\\d+)//x"],
      ["GET /abc/7", "200 /\\/abc|\\/xyz//:id"],
    ],
  },
  {
    name: "a regular expression, of which the router keeps no trace: its segments, normalised",
    docs: `${API}#path-examples`,
    on: UNTOLD,
    setUp: (app, express) => {
      app.use(/^\/shop-(\d+)/, routerWith(express, "/x"));
      app.use(/^\/group\/(\w+)\/(?<member>\w+)/, routerWith(express, "/x"));
      app.use(/\/abc|\/xyz/, routerWith(express, "/:id"));
    },
    rows: [
      ["GET /shop-12345/x", "200 /shop-:id/x"],
      ["GET /shop-67890/x", "200 /shop-:id/x"],
      ["GET /group/red/fox/x", "200 /group/*/:member/x"],
      ["GET /abc/7", "200 /abc/:id"],
    ],
  },
  {
    name: "an array: the path that matched",
    docs: `${API}#path-examples`,
    setUp: (app, express) => {
      const router = routerWith(express, "/x");
      app.use(["/abcd", "/tenants/:tenant", "/v:version"], router);
    },
    rows: [
      ["GET /tenants/acme/x", "200 /tenants/:tenant/x"],
      ["GET /abcd/x", "200 /abcd/x"],
      ["GET /v2/x", "200 /v:version/x"],
      ["GET /tenants/abcd/x", "200 /tenants/:tenant/x"],
    ],
  },
  {
    name: "an array with a regular expression",
    docs: `${API}#path-examples`,
    on: ["4.22", "5.3"],
    setUp: (app, express) => app.use(["/abcd", /^\/lmn-(\d+)/], routerWith(express, "/x")),
    rows: [
      ["GET /abcd/x", "200 /abcd/x"],
      ["GET /lmn-12345/x", "200 /^\\/lmn-(\\d+)//x"],
    ],
  },
  {
    name: "an optional parameter, a constraint and a wildcard",
    docs: `${API4}#path-examples`,
    on: ["4.22"],
    setUp: (app, express) => {
      app.use("/reports/:id?", routerWith(express, "/x"));
      app.use("/user/:userId(\\d+)", routerWith(express, "/x"));
      app.use("/files/*", routerWith(express, "/"));
      app.use("/ab(cd)?e", routerWith(express, "/x"));
    },
    rows: [
      ["GET /reports/7/x", "200 /reports/:id?/x"],
      ["GET /user/42/x", "200 /user/:userId(\\d+)/x"],
      ["GET /files/a/b", "200 /files/*"],
      ["GET /files/c/d", "200 /files/*"],
      ["GET /abcde/x", "200 /ab(cd)?e/x"],
    ],
  },
  {
    name: "an optional parameter and a wildcard",
    docs: `${MIGRATING}#path-syntax`,
    on: ["5.3"],
    setUp: (app, express) => {
      app.use("/reports{/:id}/all", routerWith(express, "/x"));
      app.use("/files/*path", routerWith(express, "/"));
    },
    rows: [
      ["GET /reports/all/x", "200 /reports{/:id}/all/x"],
      ["GET /reports/7/all/x", "200 /reports{/:id}/all/x"],
      ["GET /files/a/b", "200 /files/*path"],
    ],
  },
  {
    name: "an optional parameter and a wildcard: only the part that was there can be told",
    docs: `${MIGRATING}#path-syntax`,
    on: UNTOLD,
    setUp: (app, express) => {
      app.use("/reports{/:id}/all", routerWith(express, "/x"));
      app.use("/files/*path", routerWith(express, "/"));
      app.use("/copy/*from/to/*to", routerWith(express, "/"));
    },
    rows: [
      ["GET /reports/all/x", "200 /reports/all/x"],
      ["GET /reports/7/all/x", "200 /reports/:id/all/x"],
      ["GET /files/a/b", "200 /files/*path"],
      ["GET /files/c", "200 /files/*path"],
      ["GET /files/c/d/files", "200 /files/*path"],
      ["GET /copy/a/b/to/c", "200 /copy/*from/to/*to"],
    ],
  },
  {
    name: "a router in a function of the application's own",
    docs: `${API}#middleware-callback-function-examples`,
    setUp: (app, express) => {
      app.use("/w/:id", wrapped(routerWith(express, "/x")));
      const merging = express.Router({ mergeParams: true });
      merging.use("/in/:id", routerWith(express, "/y", { mergeParams: true }));
      app.use("/m/:tenant", wrapped(merging));
    },
    rows: [
      ["GET /w/acme/x", "200 /w/:id/x"],
      ["GET /w/a%20b/x", "200 /w/:id/x"],
      ["GET /w/w/x", "200 /w/:id/x"],
      ["GET /m/1/in/2/y", "200 /m/:tenant/in/:id/y"],
      ["GET /m/in/in/m/y", "200 /m/:tenant/in/:id/y"],
    ],
  },
  {
    name: "segments that nothing proves to be literal, past sixteen of them",
    docs: `${API}#app.param`,
    on: ["4.22", "5.0", "5.1"],
    setUp: (app, express) => {
      const hidden = express.Router();
      hidden.param("tenant", (req, _res, next, value) => {
        req.params.tenant = { name: value };
        next();
      });
      hidden.use("/t/:tenant", routerWith(express, "/orders"));
      app.use(wrapped(hidden));
    },
    rows: [...WORDS, ...MORE_WORDS].map(
      (word, i): Row => [`GET /t/${word}/orders`, `200 /t/${i < 16 ? word : "*"}/orders`],
    ),
  },
  {
    name: "segments that nothing but the router proves",
    docs: `${API}#app.param`,
    on: ["5.3"],
    setUp: (app, express) => {
      app.param("tenant", (req, _res, next, value) => {
        req.params.tenant = { name: value };
        next();
      });
      app.use("/t/:tenant", wrapped(routerWith(express, "/orders")));
    },
    rows: [...WORDS, ...MORE_WORDS].map((word): Row => [`GET /t/${word}/orders`, "200 /t/:tenant/orders"]),
  },
  {
    name: "a sub-application",
    docs: `${API}#app.mountpath`,
    setUp: (app, express) => {
      const [admin, secret, tenant] = [express(), express(), express()];
      admin.get("/", ok);
      admin.get("/users/:id", ok);
      secret.get("/", ok);
      secret.get("/keys/:id", ok);
      tenant.use("/in/:part", routerWith(express, "/x"));
      tenant.use("/s:number", secret);
      app.use("/admin", admin);
      admin.use("/secret", secret);
      app.use("/t/:tenant", tenant);
    },
    rows: [
      ["GET /admin", "200 /admin"],
      ["GET /admin/users/7", "200 /admin/users/:id"],
      ["GET /admin/nothing", "404 unmatched"],
      ["GET /t/acme/in/7/x", "200 /t/:tenant/in/:part/x"],
      ["GET /t/acme/s1/keys/7", "200 /t/:tenant/s:number/keys/:id"],
      ["GET /t/acme/s2", "200 /t/:tenant/s:number"],
    ],
  },
  {
    name: "sub-applications in each other",
    docs: `${API}#app.mountpath`,
    setUp: (app, express) => {
      const [outer, inner] = [express(), express()];
      inner.get("/x", ok);
      inner.use("/static", ok);
      app.use("/:tenant", outer);
      outer.use("/inner/:id", inner);
    },
    rows: [
      ["GET /acme/inner/7/x", "200 /:tenant/inner/:id/x"],
      ["GET /inner/inner/x/x", "200 /:tenant/inner/:id/x"],
      ["GET /inner/inner/x/static", "200 /:tenant/inner/:id/static/*"],
    ],
  },
  {
    name: "a sub-application in a router",
    docs: `${API}#router.use`,
    setUp: (app, express) => {
      const [shop, api] = [express(), express.Router()];
      shop.get("/items/:id", ok);
      api.use("/shop/:shop", shop);
      app.use("/api/:v", api);
    },
    rows: [["GET /api/1/shop/acme/items/7", "200 /api/:v/shop/:shop/items/:id"]],
  },
];
