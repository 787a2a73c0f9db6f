/** Routes of the application itself, under no mount: the label is the route's own path, as it was written. */
import { fileURLToPath } from "node:url";
import { API, API4, FIVE, MIDDLEWARE, MIGRATING, ok, pass, ROUTING, type Shape } from "./express-shape.ts";

const THIS_FILE = fileURLToPath(import.meta.url);

export const ROUTE_SHAPES: readonly Shape[] = [
  {
    name: "a literal path",
    docs: `${ROUTING}#route-paths`,
    setUp: (app) => app.get("/about", ok),
    rows: [
      ["GET /about", "200 /about"],
      ["GET /about?from=/users/7", "200 /about"],
    ],
  },
  {
    name: "the root",
    docs: `${ROUTING}#route-paths`,
    setUp: (app) => app.get("/", ok),
    rows: [
      ["GET /", "200 /"],
      ["GET /?page=2", "200 /"],
    ],
  },
  {
    name: "parameters, whatever their value looks like",
    docs: `${ROUTING}#route-parameters`,
    setUp: (app) => {
      app.get("/users/:userId", ok);
      app.get("/users/:userId/books/:bookId", ok);
    },
    rows: [
      ["GET /users/34/books/8989", "200 /users/:userId/books/:bookId"],
      ["GET /users/users", "200 /users/:userId"],
      ["GET /users/%2Fusers%2F7", "200 /users/:userId"],
      ["GET /users/:userId", "200 /users/:userId"],
      ["GET /users/books/books/users", "200 /users/:userId/books/:bookId"],
      ["GET /users/%E2%98%83", "200 /users/:userId"],
    ],
  },
  {
    name: "several parameters in a segment",
    docs: `${ROUTING}#route-parameters`,
    setUp: (app) => {
      app.get("/flights/:from-:to", ok);
      app.get("/plantae/:genus.:species", ok);
    },
    rows: [
      ["GET /flights/LAX-SFO", "200 /flights/:from-:to"],
      ["GET /plantae/Prunus.persica", "200 /plantae/:genus.:species"],
    ],
  },
  {
    name: "case and trailing slash do not matter by default",
    docs: `${API}#app.settings.table`,
    setUp: (app) => app.get("/orders/:id", ok),
    rows: [
      ["GET /ORDERS/7", "200 /orders/:id"],
      ["GET /orders/7/", "200 /orders/:id"],
    ],
  },
  {
    name: "an optional parameter",
    docs: `${API4}#path-examples`,
    on: ["4.22"],
    setUp: (app) => app.get("/reports/:id?", ok),
    rows: [
      ["GET /reports", "200 /reports/:id?"],
      ["GET /reports/7", "200 /reports/:id?"],
    ],
  },
  {
    name: "an optional parameter",
    docs: `${MIGRATING}#path-syntax`,
    on: FIVE,
    setUp: (app) => app.get("/reports{/:id}", ok),
    rows: [
      ["GET /reports", "200 /reports{/:id}"],
      ["GET /reports/7", "200 /reports{/:id}"],
    ],
  },
  {
    name: "wildcards and string patterns",
    docs: `${API4}#path-examples`,
    on: ["4.22"],
    setUp: (app) => {
      app.get("/ab?cd", ok);
      app.get("/user/:userId(\\d+)", ok);
      app.get("/files/*", ok);
      app.get("*", ok);
    },
    rows: [
      ["GET /acd", "200 /ab?cd"],
      ["GET /user/42", "200 /user/:userId(\\d+)"],
      ["GET /files/a/b", "200 /files/*"],
      ["GET /user/forty-two", "200 *"],
    ],
  },
  {
    name: "wildcards",
    docs: `${MIGRATING}#path-syntax`,
    on: FIVE,
    setUp: (app) => {
      app.get("/files/*path", ok);
      app.get("/{*splat}", ok);
    },
    rows: [
      ["GET /files/a/b", "200 /files/*path"],
      ["GET /", "200 /{*splat}"],
      ["GET /anything/else", "200 /{*splat}"],
    ],
  },
  {
    name: "a regular expression",
    docs: `${ROUTING}#route-paths`,
    setUp: (app) => {
      app.get(/.*fly$/, ok);
      app.get(/^\/commits\/(\w+)\.\.(\w+)$/, ok);
    },
    rows: [
      ["GET /butterfly", "200 /.*fly$/"],
      ["GET /commits/71dbb9c..4c084f9", "200 /^\\/commits\\/(\\w+)\\.\\.(\\w+)$/"],
    ],
  },
  {
    name: "an array: the path that matched",
    docs: `${API}#path-examples`,
    setUp: (app) => app.get(["/abcd", "/xyza", /\/lmn|\/pqr/, "/pictures/:id"], ok),
    rows: [
      ["GET /abcd", "200 /abcd"],
      ["GET /pictures/7?size=/abcd", "200 /pictures/:id"],
      ["GET /lmn", "200 /\\/lmn|\\/pqr/"],
      ["GET /xyza/", "200 /xyza"],
      ["GET http://shop.example/pictures/7", "200 /pictures/:id"],
    ],
  },
  {
    name: "app.route()",
    docs: `${ROUTING}#app-route`,
    setUp: (app) => app.route("/book").get(ok).post(ok),
    rows: [
      ["GET /book", "200 /book"],
      ["POST /book", "200 /book"],
      ["DELETE /book", "404 unmatched"],
    ],
  },
  {
    name: "app.get() is called for HEAD too, app.post() is not",
    docs: `${API}#app.METHOD`,
    setUp: (app, express) => {
      app.get("/head/:id", ok);
      app.post("/posted/:id", ok);
      const router = express.Router();
      router.all("/all/:id", ok);
      app.use(router);
      app.head("/only/:id", ok);
    },
    rows: [
      ["HEAD /head/7", "200 /head/:id"],
      ["HEAD /posted/7", "404 unmatched"],
      ["HEAD /all/7", "200 /all/:id"],
      ["HEAD /only/7", "200 /only/:id"],
      ["GET /only/7", "404 unmatched"],
    ],
  },
  {
    name: "a handler that answers later",
    docs: `${API}#app.METHOD`,
    setUp: (app) => {
      app.get("/later/:id", (_req, res) => setTimeout(() => res.send("ok"), 5));
      app.get("/awaited/:id", async (_req, res) => {
        await new Promise((resolve) => setImmediate(resolve));
        res.send("ok");
      });
    },
    rows: [
      ["GET /later/7", "200 /later/:id"],
      ["GET /awaited/7", "200 /awaited/:id"],
    ],
  },
  {
    name: "next('route') and next('router'): the route that answers",
    docs: `${MIDDLEWARE}#middleware.application`,
    setUp: (app, express) => {
      app.get("/user/:id", (_req, _res, next) => next("route"), ok);
      app.get("/user/:name", ok);
      const router = express.Router();
      router.get("/admin/:id", (_req, _res, next) => next("router"), ok);
      app.use(router);
      app.get("/admin/:name", ok);
    },
    rows: [
      ["GET /user/0", "200 /user/:name"],
      ["GET /admin/0", "200 /admin/:name"],
    ],
  },
  {
    name: "several routes match: the last of them",
    docs: `${API}#req.route`,
    setUp: (app) => {
      app.all("/items/:id", pass);
      app.get("/items/:item", pass, ok);
      app.get("/gone/:id", pass);
    },
    rows: [
      ["GET /items/7", "200 /items/:item"],
      ["POST /items/7", "404 /items/:id"],
      ["GET /gone/7", "404 /gone/:id"],
    ],
  },
  {
    name: "a URL that middleware has rewritten: the route that it leads to",
    docs: `${API}#req.originalUrl`,
    setUp: (app) => {
      app.use((req, _res, next) => {
        req.url = req.url.replace(/^\/old\//, "/new/");
        next();
      });
      app.get("/new/:id", ok);
      app.get(["/new/:id/a", "/new/:id/b"], ok);
    },
    rows: [
      ["GET /old/7", "200 /new/:id"],
      ["GET /old/7/b", "200 /new/:id/b"],
    ],
  },
  {
    name: "res.sendFile()",
    docs: `${API}#res.sendFile`,
    setUp: (app) => app.get("/download/:name", (_req, res) => res.sendFile(THIS_FILE)),
    rows: [["GET /download/report", "200 /download/:name"]],
  },
];
