// A plain server that loads the framework when it is asked to, and hands all further requests to it.
import { createServer } from "node:http";

let answer = async (_req, res) => {
  const { default: Koa } = await import("koa");
  const { default: Router } = await import("@koa/router");
  const router = new Router();
  router.get("/users/:id", (ctx) => {
    ctx.body = "answered";
  });
  answer = new Koa().use(router.routes()).callback();
  res.end("answered");
};
const server = createServer((req, res) => answer(req, res));
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
