// Koa with @koa/router in the shapes that its documentation shows.
const { createServer } = require("node:http");
const mount = require("koa-mount");
const { serve } = require("../serve.cjs");

/** @param Router the class, which is also the property of its own name */
exports.koa = (Koa, Router) => {
  const ok = (ctx) => {
    ctx.body = "answered";
  };

  const router = new Router();
  router.get("/", ok);
  router.get("/users/:id", ok);
  router.get("/users/me/settings", ok);
  router.post("/users", (ctx) => ctx.throw(422));
  router.get(/^\/files\/(.+)$/, ok);
  router.get(["/one/:id", "/two/:id"], ok);
  router.all("/anything/:id", ok);
  router.get("/throws/:id", () => {
    throw new Error("thrown by the handler");
  });
  router.get("/missing/:id", (ctx) => ctx.throw(404));
  router.get("/slow/:id", async (ctx) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    ctx.body = "later";
  });
  router.get("/first/words", ok);
  router.get("/first/:id", (ctx, next) => (ctx.query.on ? next() : ok(ctx)));
  router.get("/first/:name", ok);

  const posts = new Router();
  posts.get("/", ok);
  posts.get("/:pid", ok);
  const forums = new Router({ prefix: "/forums" });
  forums.use("/:fid/posts", posts.routes(), posts.allowedMethods());

  const guarded = new Router({ prefix: "/guarded" });
  guarded.use((ctx, next) => (ctx.get("authorization") ? next() : ctx.throw(401)));
  guarded.get("/:id", ok);

  const app = new Koa();
  app.silent = true;
  app.use((ctx, next) => (ctx.get("x-stop") ? ctx.throw(403) : next()));
  app.use((ctx, next) => {
    if (!ctx.path.startsWith("/before")) return next();
    ctx.body = "without a router";
  });
  for (const each of [router, forums, guarded]) app.use(each.routes()).use(each.allowedMethods());

  const leaves = new Router();
  leaves.get("/", ok);
  leaves.get("/leaves/:leaf", ok);
  leaves.get("/passed/:leaf", (_ctx, next) => next());
  const inner = new Koa().use(leaves.routes());
  app.use(mount("/mounted", new Koa().use(mount("/deep", inner)).use(leaves.routes())));
  const behind = new Router();
  behind.get("/mounted/behind/:id", ok);
  app.use(behind.routes());

  // what passes requests on does not answer them
  const passing = new Router();
  const everything = /^\/passed/;
  passing.all(everything, async (_ctx, next) => {
    await next();
  });
  passing.get("/passed/route/:id", ok);
  passing.get("/passed/both/:id", async (ctx, next) => {
    ok(ctx);
    await next();
  });
  passing.get("/passed/same/:id", (_ctx, next) => next());
  passing.get("/passed/same/:id", ok);
  passing.all(/^\/passed\/both/, (_ctx, next) => next());
  app.use(async (ctx, next) => {
    await next();
    if (ctx.path.startsWith("/passed/both")) ctx.body = `wrapped ${ctx.body}`;
  });
  app.use(passing.routes());
  app.use(
    mount("/passed/mount", (ctx) => {
      if (ctx.path === "/bad") ctx.status = 400;
      ctx.body = "mounted";
    }),
  );
  app.use(
    mount("/passed/status", (ctx) => {
      ctx.status = 409;
    }),
  );
  app.use((ctx, next) => (ctx.path.startsWith("/passed/root") ? ok(ctx) : next()));

  const versioned = new Router().prefix("/v1");
  versioned.get("/users/:name", ok);
  const second = new Koa();
  second.use(versioned.routes());

  serve({ main: createServer(app.callback()), second: createServer(second.callback()) });
};
