/** Requests that a mount or a route has passed on: the label is that of what answered. */
import {
  API,
  API4,
  type ErrorHandler,
  type Express,
  FIVE,
  type Handler,
  MIDDLEWARE,
  ok,
  pass,
  ROUTING,
  type Router,
  routerWith,
  type Shape,
  type Version,
} from "./express-shape.ts";

const NEXT = `${MIDDLEWARE}#middleware.router`;
const ANSWERS_FOR: ErrorHandler = (error, _req, res, _next) => {
  if (error.message === "log in") res.status(302).setHeader("location", "/login");
  res.sendStatus(error.message === "log in" ? 302 : 500);
};
const failsWith =
  (message: string): Handler =>
  (_req, _res, next) =>
    next(new Error(message));
const answersThenPasses: Handler = (_req, res, next) => {
  res.send("ok");
  next();
};
const refusesBad: Handler = (req, res) => res.sendStatus(req.url === "/bad" ? 400 : 200);

/** Everything, in the notation of each version. */
const EVERYTHING: readonly (readonly [on: readonly Version[], everything: string])[] = [
  [["4.22"], "*"],
  [FIVE, "/{*any}"],
];

function application(express: Express, path: string): Router {
  const app = express();
  app.get(path, ok);
  return app;
}

export const PASSED_ON_SHAPES: readonly Shape[] = EVERYTHING.flatMap(([on, everything]): Shape[] => [
  {
    name: `middleware at ${everything} in front of mounts`,
    docs: on === FIVE ? `${API}#path-examples` : `${API4}#path-examples`,
    on,
    setUp: (app, express) => {
      app.use(everything, pass);
      app.use(on === FIVE ? "/{*more}" : "/*", pass);
      app.use(/^\/(?!login).*/, pass);
      app.use(/^\/api/, pass);
      app.use("/:any", pass);
      app.use("/shop/:tenant", application(express, "/list/:id"));
      app.use("/admin", application(express, "/list/:id"));
      app.use("/api", application(express, "/x/:id"));
      app.use("/r/:tenant", pass, routerWith(express, "/x"));
      app.use("/graphql", pass);
      app.use("/graphql", refusesBad);
      const twice = routerWith(express, "/y/:id");
      app.use("/:a", twice);
      app.use("/b", twice);
    },
    rows: [
      ["GET /shop/acme/list/7", "200 /shop/:tenant/list/:id"],
      ["GET /shop/acme/list/8", "200 /shop/:tenant/list/:id"],
      ["GET /admin/list/7", "200 /admin/list/:id"],
      ["GET /api/x/7", "200 /api/x/:id"],
      ["GET /r/acme/x", "200 /r/:tenant/x"],
      ["GET /graphql", "200 /graphql/*"],
      ["GET /graphql/bad", "400 /graphql/*"],
      ["GET /b/y/7", "200 /:a/y/:id"],
      ["GET /nothing", "404 unmatched"],
    ],
  },
  {
    name: `routes for ${everything} that pass requests on`,
    docs: `${ROUTING}#route-handlers`,
    on,
    setUp: (app, express) => {
      app.all(everything, pass, (_req, _res, next) => next("route"), ok);
      app.use("/graphql", refusesBad);
      app.get("/a/:id", answersThenPasses);
      app.use("/mounted", answersThenPasses);
      const inner = express.Router();
      inner.all(everything, pass);
      app.all("/guarded/:id", inner, ok);
      app.all("/inner/:id", inner, inner, (_req, res) => res.sendStatus(418));
      app.get(/^\/fail/, failsWith("no"));
      app.use("/fail", pass, pass);
      app.all(everything, pass);
      app.use("/root", (_req, _res, next) => next());
      app.use((req, res, next) =>
        req.url.startsWith("/root") ? res.sendStatus(req.url === "/root/bad" ? 500 : 200) : next(),
      );
      app.use(ANSWERS_FOR);
    },
    rows: [
      ["GET /graphql", "200 /graphql/*"],
      ["GET /graphql/bad", "400 /graphql/*"],
      ["GET /a/7", "200 /a/:id"],
      ["GET /mounted", "200 /mounted/*"],
      ["GET /guarded/7", "200 /guarded/:id"],
      ["GET /inner/7", "418 /inner/:id"],
      ["GET /fail", "500 /^\\/fail/"],
      ["GET /root/7", "200 /root/:id"],
      ["GET /root/bad", "500 /root/bad"],
      ["GET /nothing", "404 unmatched"],
    ],
  },
]).concat([
  {
    name: "routes without a wildcard that pass requests on",
    docs: NEXT,
    setUp: (app, express) => {
      app.get("/mount/:id", pass);
      app.use("/mount", refusesBad);
      app.get("/slug/:slug", pass);
      app.get("/gone/:id", pass);
      app.get("/fails/:id", failsWith("no"));
      app.get("/redirected/:id", failsWith("log in"));
      app.get("/param/:id", (req, res) => {
        req.params = { id: "7" };
        res.send("ok");
      });
      const middleware = express.Router();
      middleware.use(ok);
      app.get("/router/:id", middleware);
      app.use("/fails", pass);
      app.use((req, res, next) => (req.url.startsWith("/slug") ? res.send("ok") : next()));
      app.use(ANSWERS_FOR);
    },
    rows: [
      ["GET /mount/7", "200 /mount/*"],
      ["GET /mount/bad", "400 /mount/*"],
      ["GET /slug/blue-shirt", "200 /slug/blue-shirt"],
      ["GET /slug/blue-shirt", "200 /slug/blue-shirt"],
      ["GET /gone/7", "404 /gone/:id"],
      ["GET /fails/7", "500 /fails/:id"],
      ["GET /fails/8", "500 /fails/:id"],
      ["GET /redirected/7", "302 /redirected/:id"],
      ["GET /redirected/8", "302 /redirected/:id"],
      ["GET /param/7", "200 /param/:id"],
      ["GET /router/7", "200 /router/:id"],
    ],
  },
]);
