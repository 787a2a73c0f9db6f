/** Routes under a mount: the mount's pattern comes before the route's. */
import {
  API,
  anotherExpress,
  anotherRouter,
  type Express,
  FIVE,
  MIDDLEWARE,
  MIGRATING,
  ok,
  pass,
  ROUTING,
  type Router,
  type Row,
  routerWith,
  type Shape,
} from "./express-shape.ts";

/** `/a/:id` → `/b/:id` → `/c/:id/leaf`. */
function threeLevels(app: Router, express: Express, names: readonly string[], mergeParams: boolean): void {
  const [first, second] = [express.Router({ mergeParams }), express.Router({ mergeParams })];
  const third = routerWith(express, "/leaf", { mergeParams });
  app.use(`/a/:${names[0]}`, first);
  first.use(`/b/:${names[1]}`, second);
  second.use(`/c/:${names[2]}`, third);
}

/** What somebody else has written, with a router that is not the application's. */
function mountLibrary(app: Router, other: Pick<Express, "Router">): void {
  const library = other.Router();
  library.use("/t/:tenant", routerWith(other, "/orders/:id"));
  library.use("/:lib", routerWith(other, "/x"));
  library.get("/about", ok);
  app.use("/lib/:lib", library);
  const rooted = other.Router();
  rooted.use("/rooted/:id", routerWith(other, "/x"));
  app.use(rooted);
  app.get("/own/:id", ok);
}
const LIBRARY_ROWS: readonly Row[] = [
  ["GET /lib/a/about", "200 /lib/:lib/about"],
  ["GET /lib/a/t/acme/orders/7", "200 /lib/:lib/t/:tenant/orders/:id"],
  ["GET /lib/a/b/x", "200 /lib/:lib/:lib/x"],
  ["GET /rooted/7/x", "200 /rooted/:id/x"],
  ["GET /own/7", "200 /own/:id"],
];

export const MOUNT_SHAPES: readonly Shape[] = [
  {
    name: "a router under a mount",
    docs: `${ROUTING}#express-router`,
    setUp: (app, express) => {
      const birds = express.Router();
      birds.use(pass);
      birds.get("/", ok);
      birds.get("/about", ok);
      app.use("/birds", birds);
    },
    rows: [
      ["GET /birds", "200 /birds"],
      ["GET /birds/", "200 /birds"],
      ["GET /birds/about", "200 /birds/about"],
      ["GET /BIRDS/ABOUT/", "200 /birds/about"],
      ["HEAD /birds/about", "200 /birds/about"],
    ],
  },
  ...[true, false].map(
    (mergeParams): Shape => ({
      name: `a router under a mount with a parameter, mergeParams ${mergeParams}`,
      docs: `${API}#express.router`,
      setUp: (app, express) => app.use("/t/:tenant", routerWith(express, "/orders/:id", { mergeParams })),
      rows: [
        ["GET /t/acme/orders/7", "200 /t/:tenant/orders/:id"],
        ["GET /t/umbrella/orders/8", "200 /t/:tenant/orders/:id"],
        ["GET /t/t/orders/orders", "200 /t/:tenant/orders/:id"],
      ],
    }),
  ),
  ...[true, false].flatMap((mergeParams): Shape[] => [
    {
      name: `three levels deep, mergeParams ${mergeParams}`,
      docs: `${API}#express.router`,
      setUp: (app, express) => threeLevels(app, express, ["x", "y", "z"], mergeParams),
      rows: [
        ["GET /a/1/b/2/c/3/leaf", "200 /a/:x/b/:y/c/:z/leaf"],
        ["GET /a/a/b/b/c/c/leaf", "200 /a/:x/b/:y/c/:z/leaf"],
        ["GET /a/c/b/b/c/a/leaf", "200 /a/:x/b/:y/c/:z/leaf"],
      ],
    },
    {
      name: `three levels deep with one name, mergeParams ${mergeParams}`,
      docs: `${API}#express.router`,
      setUp: (app, express) => threeLevels(app, express, ["id", "id", "id"], mergeParams),
      rows: [
        ["GET /a/b/b/c/c/a/leaf", "200 /a/:id/b/:id/c/:id/leaf"],
        ["GET /a/1/b/1/c/1/leaf", "200 /a/:id/b/:id/c/:id/leaf"],
      ],
    },
  ]),
  {
    name: "one router under two mounts, the parameter first",
    docs: `${API}#app.use`,
    setUp: (app, express) => {
      const router = routerWith(express, "/orders");
      app.use("/t/:tenant", router);
      app.use("/t/all", router);
    },
    rows: [
      ["GET /t/all/orders", "200 /t/:tenant/orders"],
      ["GET /t/acme/orders", "200 /t/:tenant/orders"],
    ],
  },
  {
    name: "one router under two mounts, the literal first and asked for last",
    docs: `${API}#app.use`,
    setUp: (app, express) => {
      const router = routerWith(express, "/orders");
      app.use("/t/all", router);
      app.use("/t/:tenant", router);
    },
    rows: [
      ["GET /t/acme/orders", "200 /t/:tenant/orders"],
      ["GET /t/all/orders", "200 /t/all/orders"],
      ["GET /t/umbrella/orders", "200 /t/:tenant/orders"],
      ["GET /t/ALL/orders", "200 /t/all/orders"],
    ],
  },
  {
    name: "one router under overlapping mounts whose parameters have one name",
    docs: `${API}#app.use`,
    setUp: (app, express) => {
      const router = routerWith(express, "/orders");
      app.use("/v:version", router);
      app.use("/:version", router);
    },
    rows: [
      ["GET /latest/orders", "200 /:version/orders"],
      ["GET /v2/orders", "200 /v:version/orders"],
      ["GET /v3/orders", "200 /v:version/orders"],
      ["GET /beta/orders", "200 /:version/orders"],
    ],
  },
  {
    name: "one router below two routers, where mergeParams carries the parameter's name on",
    docs: `${API}#express.router`,
    setUp: (app, express) => {
      const [outer, inner] = [express.Router({ mergeParams: true }), routerWith(express, "/x", { mergeParams: true })];
      outer.use("/list", inner);
      outer.use("/:id", inner);
      app.use("/:id", outer);
    },
    rows: [
      ["GET /7/8/x", "200 /:id/:id/x"],
      ["GET /7/list/x", "200 /:id/list/x"],
    ],
  },
  {
    name: "one router under twenty literal mounts",
    docs: `${API}#app.use`,
    setUp: (app, express) => {
      const router = routerWith(express, "/:id");
      for (let i = 0; i < 20; i++) app.use(`/kind-${String.fromCharCode(97 + i)}`, router);
    },
    rows: Array.from({ length: 20 }, (_, i) => `/kind-${String.fromCharCode(97 + i)}`).map(
      (mount): Row => [`GET ${mount}/7`, `200 ${mount}/:id`],
    ),
  },
  {
    name: "one router under two mounts that both match: where it answers",
    docs: `${API}#req.baseUrl`,
    setUp: (app, express) => {
      let visits = 0;
      const router = express.Router();
      router.get("/x", (_req, res, next) => (++visits % 2 === 0 ? res.send("ok") : next()));
      app.use("/:first/b", router);
      app.use("/a/:second", router);
    },
    rows: [["GET /a/b/x", "200 /a/:second/x"]],
  },
  {
    name: "a router mounted in itself",
    docs: `${API}#router.use`,
    setUp: (app, express) => {
      const tree = routerWith(express, "/leaf");
      tree.use("/:branch", tree);
      app.use("/tree", tree);
    },
    rows: [
      ["GET /tree/leaf", "200 /tree/leaf"],
      ["GET /tree/a/b/leaf", "200 /tree/:branch/:branch/leaf"],
      ["GET /tree/leaf/tree/leaf/leaf", "200 /tree/:branch/:branch/:branch/leaf"],
    ],
  },
  {
    name: "a mount at the root",
    docs: `${MIDDLEWARE}#middleware.router`,
    setUp: (app, express) => {
      app.use("/", routerWith(express, "/one/:id"));
      app.use(routerWith(express, "/two/:id"));
      app.use(routerWith(express, "/"));
    },
    rows: [
      ["GET /one/7", "200 /one/:id"],
      ["GET /two/7", "200 /two/:id"],
      ["GET /", "200 /"],
    ],
  },
  {
    name: "routers at the root of routers under mounts",
    docs: `${MIDDLEWARE}#middleware.router`,
    setUp: (app, express) => {
      const [api, group] = [express.Router(), express.Router()];
      app.use("/api/:v", api);
      api.use(group);
      group.use("/deep-:id", routerWith(express, "/"));
    },
    rows: [
      ["GET /api/1/deep-7", "200 /api/:v/deep-:id"],
      ["GET /api/1/deep-7/", "200 /api/:v/deep-:id"],
    ],
  },
  {
    name: "a mount with a trailing slash",
    docs: `${API}#app.use`,
    setUp: (app, express) => app.use("/slashed/:id/", routerWith(express, "/x")),
    rows: [["GET /slashed/7/x", "200 /slashed/:id/x"]],
  },
  {
    name: "a route that takes whatever comes under its mount",
    docs: `${MIGRATING}#path-syntax`,
    on: ["4.22"],
    setUp: (app, express) => {
      app.use("/any/:id", routerWith(express, "*"));
      app.use("/rest/:id", routerWith(express, "/*"));
    },
    rows: [
      ["GET /any/7/a/b", "200 /any/:id/*"],
      ["GET /rest/7/a/b", "200 /rest/:id/*"],
    ],
  },
  {
    name: "a route that takes whatever comes under its mount",
    docs: `${MIGRATING}#path-syntax`,
    on: FIVE,
    setUp: (app, express) => app.use("/any/:id", routerWith(express, "/{*splat}")),
    rows: [
      ["GET /any/7/a/b", "200 /any/:id/{*splat}"],
      ["GET /any/7", "200 /any/:id/{*splat}"],
    ],
  },
  {
    name: "arrays and regular expressions as routes under a mount",
    docs: `${API}#path-examples`,
    setUp: (app, express) => app.use("/m/:id", routerWith(express, ["/abcd", "/pictures/:name", /^\/lmn|^\/pqr/])),
    rows: [
      ["GET /m/1/abcd", "200 /m/:id/abcd"],
      ["GET /m/1/pictures/7", "200 /m/:id/pictures/:name"],
      ["GET /m/1/pqr", "200 /m/:id/^\\/lmn|^\\/pqr/"],
    ],
  },
  {
    name: "a router that respects case and trailing slashes",
    docs: `${API}#express.router`,
    setUp: (app, express) => {
      const router = express.Router({ caseSensitive: true, strict: true });
      router.use("/Nested/:id", routerWith(express, "/x"));
      router.get("/Exact/:id", ok);
      app.use("/strict", router);
    },
    rows: [
      ["GET /strict/Exact/7", "200 /strict/Exact/:id"],
      ["GET /strict/Nested/7/x", "200 /strict/Nested/:id/x"],
      ["GET /strict/exact/7", "404 unmatched"],
      ["GET /strict/Exact/7/", "404 unmatched"],
    ],
  },
  {
    name: "a mount that is added while the service runs",
    docs: `${API}#app.use`,
    setUp: (app, express) => {
      const router = routerWith(express, "/x");
      app.use("/early/:id", router);
      app.get("/mount", (_req, res) => {
        app.use("/late-:id", router);
        res.send("ok");
      });
    },
    rows: [
      ["GET /early/1/x", "200 /early/:id/x"],
      ["GET /mount", "200 /mount"],
      ["GET /late-1/x", "200 /late-:id/x"],
      ["GET /late-late/x", "200 /late-:id/x"],
    ],
  },
  {
    name: "two hundred tenants at the same time",
    docs: `${API}#req.params`,
    setUp: (app, express) => {
      const router = express.Router({ mergeParams: true });
      router.use((_req, _res, next) => setTimeout(next, 5));
      router.get("/orders/:id", (_req, res) => setTimeout(() => res.send("ok"), 5));
      app.param("tenant", (req, _res, next, value) => {
        req.params.tenant = { name: value };
        setImmediate(next);
      });
      app.use("/t/:tenant", router);
    },
    rows: Array.from({ length: 200 }, (_, i): Row => [`GET /t/tenant${i}/orders/${i}`, "200 /t/:tenant/orders/:id"]),
    concurrently: true,
  },
  ...(
    [
      ["4.22", "5.3"],
      ["5.0", "5.3"],
      ["5.3", "4.22"],
      ["5.3", "5.1"],
    ] as const
  ).map(
    ([version, other]): Shape => ({
      name: `routers of Express ${other} in it`,
      docs: `${API}#app.use`,
      on: [version],
      setUp: (app) => mountLibrary(app, anotherExpress(other)),
      rows: LIBRARY_ROWS,
    }),
  ),
  {
    name: "routers of another copy in it",
    docs: `${API}#app.use`,
    on: ["5.3"],
    setUp: (app) => mountLibrary(app, { Router: anotherRouter() }),
    rows: LIBRARY_ROWS,
  },
];
