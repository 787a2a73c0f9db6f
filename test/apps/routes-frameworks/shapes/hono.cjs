// Hono on @hono/node-server in the shapes that its documentation shows.
const { serve: announce } = require("../serve.cjs");

const HOST = { hostname: "127.0.0.1", port: 0 };

/** What the application is made of, by the names under which Hono exports it. */
exports.hono = ({ Hono, LinearRouter, basicAuth, cors, serve, serveStatic }) => {
  const ok = (c) => c.text("answered");

  const app = new Hono();
  app.get("/", ok);
  app.get("/users/:id", ok);
  app.get("/users/me/settings", ok);
  app.post("/users", (c) => c.json({ error: "invalid" }, 422));
  app.all("/anything/:id", ok);
  const refuseZero = (c) => (c.req.path.endsWith("/0") ? c.text("no", 401) : ok(c));
  app.all("/all/*", refuseZero);
  const guests = new Hono().all("/*", refuseZero);
  guests.onError((_error, c) => c.text("failed", 500));
  app.route("/guests", guests);
  app.on(["PUT", "DELETE"], "/posts/:id", ok);
  app.on("GET", ["/hello", "/ja/hello"], ok);
  app.get("/animal/:type?", ok);
  app.get("/post/:date{[0-9]+}/:title{[a-z]+}", ok);
  app.get("/wild/*/card", ok);
  app.get("/wild/any/*", ok);
  app.get("/missing/:id", (c) => c.notFound());
  app.get("/throws/:id", () => {
    throw new Error("thrown by the handler");
  });
  app.get("/slow/:id", async (c) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return c.text("later");
  });
  app.get("/own/:id", async (c, next) => (c.req.query("stop") ? c.text("no", 403) : next()), ok);
  app.get("/passing/*", (_c, next) => next());
  app.use("/passing/*", (_c, next) => next());
  app.get("/passing/to/:id", ok);
  app.get("/both/:id", async (c, next) => {
    c.res = c.text("answered");
    await next();
  });
  app.get("/both/*", ok);
  app.onError((error, c) => error.getResponse?.() ?? c.text("failed", 500));

  app.use("/admin/*", basicAuth({ username: "ada", password: "secret" }));
  app.get("/admin/users/:id", ok);
  app.use("/cors/*", cors());
  app.get("/cors/:id", ok);
  app.use("/static/*", serveStatic({ root: "./", rewriteRequestPath: (path) => path.replace("/static", "") }));
  app.mount("/mounted", () => new Response("of another framework"));

  const inner = new Hono();
  inner.get("/", ok);
  inner.get("/parts/:part", ok);
  inner.mount("/deep", new Hono().get("/leaves/:leaf", ok).fetch);
  app.mount("/outer", inner.fetch);
  const whole = new Hono();
  whole.get("/whole/parts/:part", ok);
  app.all("/whole/*", (c) => whole.fetch(c.req.raw, c.env));
  app.get("/asks/:id", (c) => app.fetch(new Request("http://localhost/users/42"), c.env));

  const books = new Hono();
  books.get("/", ok);
  books.get("/:id", ok);
  const library = new Hono();
  library.route("/books", books);
  app.route("/libraries/:library", library);

  const api = new Hono().basePath("/api");
  api.get("/items/:item", ok);
  app.route("/", api);

  const second = new Hono({ router: new LinearRouter() });
  second.use("*", async (c, next) => (c.req.header("x-stop") ? c.text("no", 401) : next()));
  second.get("/users/:name", ok);

  announce({
    main: serve({ fetch: app.fetch, ...HOST }),
    second: serve({ fetch: second.fetch, ...HOST }),
  });
};
