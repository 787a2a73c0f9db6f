/** Answers that no route of Express gave, or that were given in a route's stead. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import {
  API,
  ERRORS,
  type ErrorHandler,
  FAQ,
  FIVE,
  type Handler,
  MIDDLEWARE,
  MIGRATING,
  ok,
  pass,
  routerWith,
  type Shape,
} from "./express-shape.ts";

const THIS_FOLDER = dirname(fileURLToPath(import.meta.url));

const answerError: ErrorHandler = (error, _req, res, _next) => res.status(500).send(error.message);
const boom: Handler = () => {
  throw new Error("boom");
};
const unauthorized: Handler = (_req, res) => res.sendStatus(401);
const cors: Handler = (req, res, next) => (req.method === "OPTIONS" ? res.sendStatus(204) : next());

export const ANSWER_SHAPES: readonly Shape[] = [
  {
    name: "nothing at all",
    docs: `${FAQ}#how-do-i-handle-404-responses`,
    setUp: () => {},
    rows: [["GET /wp-login.php", "404 unmatched"]],
  },
  {
    name: "no route matches",
    docs: `${FAQ}#how-do-i-handle-404-responses`,
    setUp: (app, express) => {
      app.use("/t/:tenant", routerWith(express, "/orders"));
      app.get("/about", ok);
    },
    rows: [
      ["GET /wp-login.php", "404 unmatched"],
      ["GET /t/acme/wp-login.php", "404 unmatched"],
      ["GET /t/acme", "404 unmatched"],
      ["POST /about", "404 unmatched"],
      ["GET /about%", "404 unmatched"],
    ],
  },
  {
    name: "a parameter that cannot be decoded",
    docs: `${ERRORS}#the-default-error-handler`,
    setUp: (app, express) => {
      app.get("/users/:id", ok);
      app.use("/t/:tenant", routerWith(express, "/x"));
    },
    rows: [
      ["GET /users/%zz", "400 unmatched"],
      ["GET /t/%zz/x", "400 unmatched"],
    ],
  },
  {
    name: "a handler that comes last answers 404",
    docs: `${FAQ}#how-do-i-handle-404-responses`,
    setUp: (app, express) => {
      app.use("/t/:tenant", routerWith(express, "/x"));
      app.use((_req, res) => res.status(404).send("not here"));
    },
    rows: [
      ["GET /nowhere/7", "404 unmatched"],
      ["GET /t/acme/nowhere", "404 unmatched"],
      ["GET /t/acme/x", "200 /t/:tenant/x"],
    ],
  },
  {
    name: "a handler that comes last in a router answers 404",
    docs: `${FAQ}#how-do-i-handle-404-responses`,
    setUp: (app, express) => {
      const router = routerWith(express, "/x");
      router.use((_req, res) => res.status(404).send("not here"));
      app.use("/t/:tenant", router);
    },
    rows: [["GET /t/acme/nowhere", "404 /t/:tenant/*"]],
  },
  {
    name: "a route for everything answers 404, or lets it come to that",
    docs: `${MIGRATING}#path-syntax`,
    on: ["4.22"],
    setUp: (app) => {
      app.all("/api/*", pass);
      app.get("*", (_req, res) => res.status(404).send("not here"));
    },
    rows: [
      ["GET /nowhere/7", "404 *"],
      ["POST /api/nowhere", "404 unmatched"],
    ],
  },
  {
    name: "a route for everything answers 404, or lets it come to that",
    docs: `${MIGRATING}#path-syntax`,
    on: FIVE,
    setUp: (app) => {
      app.all("/api/*splat", pass);
      app.get("/*splat", (_req, res) => res.status(404).send("not here"));
    },
    rows: [
      ["GET /nowhere/7", "404 /*splat"],
      ["POST /api/nowhere", "404 unmatched"],
    ],
  },
  {
    name: "app.use() answers",
    docs: `${API}#app.use`,
    setUp: (app, express) => {
      app.use("/proxy", ok);
      app.use("/t/:tenant/proxy", ok);
      const router = express.Router();
      router.use("/in/:id", ok);
      router.use("/failing", (_req, res) => res.sendStatus(502));
      router.use("/denied", unauthorized);
      app.use("/r/:tenant", router);
      const catching = express.Router();
      catching.use(pass, ok);
      app.use("/catching/:id", catching);
      app.use(ok);
    },
    rows: [
      ["GET /proxy/a/b", "200 /proxy/*"],
      ["POST /proxy", "200 /proxy/*"],
      ["GET /t/acme/proxy/a", "200 /t/:tenant/proxy/*"],
      ["GET /t/umbrella/proxy", "200 /t/:tenant/proxy/*"],
      ["GET /r/acme/in/7/a", "200 /r/:tenant/in/:id/*"],
      ["GET /r/acme/failing", "502 /r/:tenant/failing/*"],
      ["GET /r/acme/denied", "401 /r/:tenant/denied/*"],
      ["GET /catching/7/a", "200 /catching/:id/*"],
      ["GET /anything/7", "200 /anything/:id"],
    ],
  },
  {
    name: "static files",
    docs: `${API}#express.static`,
    setUp: (app, express) => {
      app.use("/assets", express.static(THIS_FOLDER));
      app.use("/t/:tenant/assets", express.static(THIS_FOLDER));
      app.use("/up", express.static(dirname(THIS_FOLDER)));
      app.use(express.static(THIS_FOLDER));
    },
    rows: [
      ["GET /assets/express-shape.ts", "200 /assets/*"],
      ["HEAD /assets/express-shape.ts", "200 /assets/*"],
      ["GET /t/acme/assets/express-shape.ts", "200 /t/:tenant/assets/*"],
      ["GET /up/routes", "301 /up/*"],
      ["GET /assets/missing.css", "404 unmatched"],
      ["GET /express-shape.ts", "200 /*"],
      ["GET /missing.css", "404 unmatched"],
    ],
  },
  {
    name: "an error, answered by the handler at the top",
    docs: `${ERRORS}#writing-error-handlers`,
    setUp: (app, express) => {
      app.get("/boom/:id", boom);
      const router = express.Router();
      router.get("/boom/:id", boom);
      router.get("/later", (_req, _res, next) => setTimeout(next, 2, new Error("boom")));
      router.use("/gate", boom);
      app.use("/t/:tenant", router);
      app.use(answerError);
    },
    rows: [
      ["GET /boom/7", "500 /boom/:id"],
      ["GET /t/acme/boom/7", "500 /t/:tenant/boom/:id"],
      ["GET /t/acme/later", "500 /t/:tenant/later"],
      ["GET /t/7/gate", "500 /t/:id/gate"],
    ],
  },
  {
    name: "an error, answered by Express itself",
    docs: `${ERRORS}#the-default-error-handler`,
    setUp: (app, express) => {
      const router = routerWith(express, "/x");
      router.get("/boom/:id", boom);
      router.get("/teapot", (_req, _res, next) => next(Object.assign(new Error("short and stout"), { status: 418 })));
      app.use("/t/:tenant", router);
    },
    rows: [
      ["GET /t/acme/boom/7", "500 /t/:tenant/boom/:id"],
      ["GET /t/acme/teapot", "418 /t/:tenant/teapot"],
    ],
  },
  {
    name: "an error, answered by the handler of its router",
    docs: `${ERRORS}#writing-error-handlers`,
    setUp: (app, express) => {
      const router = express.Router();
      router.get("/boom/:id", boom);
      router.use("/gate", boom);
      router.use(answerError);
      app.use("/t/:tenant", router);
    },
    rows: [
      ["GET /t/acme/boom/7", "500 /t/:tenant/boom/:id"],
      ["GET /t/acme/gate", "500 /t/:tenant/*"],
    ],
  },
  {
    name: "a promise that is rejected",
    docs: `${MIGRATING}#rejected-promises`,
    on: FIVE,
    setUp: (app, express) => {
      const router = express.Router();
      router.get("/rejects/:id", async () => Promise.reject(new Error("boom")));
      app.use("/t/:tenant", router);
    },
    rows: [["GET /t/acme/rejects/7", "500 /t/:tenant/rejects/:id"]],
  },
  {
    name: "an error in router.param()",
    docs: `${API}#router.param`,
    setUp: (app, express) => {
      const router = routerWith(express, "/users/:id");
      router.param("id", (_req, res) => res.sendStatus(403));
      app.param("tenant", (_req, _res, next, value) =>
        next(value === "acme" ? undefined : new Error("no such tenant")),
      );
      app.use("/t/:tenant", router);
    },
    rows: [
      ["GET /t/acme/users/7", "403 /t/:tenant/users/:id"],
      ["GET /t/umbrella/users/7", "500 /t/umbrella/users/:id"],
    ],
  },
  {
    name: "refused before routing",
    docs: `${MIDDLEWARE}#middleware.application`,
    setUp: (app, express) => {
      app.use("/admin", unauthorized, routerWith(express, "/users/:id"));
      app.use(cors);
      app.use((req, res, next) => (req.headers.authorization ? next() : res.sendStatus(401)));
      app.get("/users/:id", ok);
    },
    rows: [
      ["GET /users/7", "401 unmatched"],
      ["GET /admin/users/7", "401 /admin/*"],
      ["OPTIONS /users/7", "204 unmatched"],
    ],
  },
  {
    name: "OPTIONS",
    docs: `${API}#app.METHOD`,
    setUp: (app, express) => {
      app.get("/automatic/:id", ok);
      app.options("/own/:id", (_req, res) => res.sendStatus(204));
      app.use("/t/:tenant", cors, routerWith(express, "/x"));
      app.use("/r/:tenant", routerWith(express, "/x"));
    },
    rows: [
      ["OPTIONS /automatic/7", "200 unmatched"],
      ["OPTIONS /own/7", "204 /own/:id"],
      ["OPTIONS /t/acme/x", "204 /t/:tenant/*"],
      ["OPTIONS /r/acme/x", "200 /r/:tenant/*"],
    ],
  },
  {
    name: "an application that assigns req.baseUrl itself",
    docs: `${API}#req.baseUrl`,
    setUp: (app, express) => {
      app.use((req, _res, next) => {
        req.baseUrl = `http://${req.headers.host}`;
        next();
      });
      app.get("/users/:id", ok);
      app.use("/t/:tenant", routerWith(express, "/x"));
      const group = express.Router();
      group.get("/group/:id", ok);
      group.use("/grouped/:id", routerWith(express, "/x"));
      app.use(group);
      app.use("/files", ok);
      app.use(ok);
    },
    rows: [
      ["GET /users/7", "200 /users/:id"],
      ["GET /t/acme/x", "200 /t/:tenant/x"],
      ["GET /group/7", "200 /group/:id"],
      ["GET /grouped/7/x", "200 /grouped/:id/x"],
      ["GET /files/a", "200 /files/*"],
      ["GET /else", "200 /else"],
    ],
  },
  {
    name: "an application that puts a path of its own into req.baseUrl",
    docs: `${API}#req.baseUrl`,
    setUp: (app, express) => {
      app.use((req, _res, next) => {
        req.baseUrl = "/proxy";
        next();
      });
      const router = express.Router();
      router.use((req, _res, next) => {
        req.baseUrl = "/behind/a/proxy";
        next();
      });
      router.use("/in/:id", routerWith(express, "/x"));
      app.use("/t/:tenant", router);
    },
    rows: [["GET /t/acme/in/7/x", "200 /t/:tenant/in/:id/x"]],
  },
];
