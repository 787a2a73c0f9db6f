// A plain server that listens before the framework is loaded, and hands its requests to that.
import { createServer } from "node:http";

let answer;
const server = createServer((req, res) => answer(req, res));
server.listen(0, "127.0.0.1", async () => {
  const { default: Koa } = await import("koa");
  const { default: Router } = await import("@koa/router");
  const router = new Router();
  router.get("/users/:id", (ctx) => {
    ctx.body = "answered";
  });
  answer = new Koa().use(router.routes()).callback();
  console.log(`listening ${server.address().port}`);
});
