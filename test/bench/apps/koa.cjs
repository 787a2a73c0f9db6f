/** Koa with @koa/router and one route. */
const { createServer } = require("node:http");
const Router = require("@koa/router");
const Koa = require("koa");
const { hooks, serve } = require("./serve.cjs");

const app = new Koa();
hooks.koa?.(app);
const router = new Router();
router.get("/users/:id", (ctx) => {
  ctx.body = { id: ctx.params.id, name: "Ada" };
});
app.use(router.routes());
serve(createServer(app.callback()));
