// AdonisJS, of the version that is installed in reach of this file.
import { createServer } from "node:http";
import { AppFactory } from "@adonisjs/application/factories";
// as @adonisjs/core does
import "@adonisjs/http-server";
import { ServerFactory } from "@adonisjs/http-server/factories";
import { serve } from "./serve.cjs";

const app = new AppFactory().create(new URL("./", import.meta.url), () => {});
await app.init();
const server = new ServerFactory().merge({ app }).create();
const stop = (status) =>
  class {
    handle({ request, response }, next) {
      return request.header("x-stop") ? response.status(status).send("stopped") : next();
    }
  };
server.use([async () => ({ default: stop(401) })]);

const ok = ({ response }) => response.send("answered");
const router = server.getRouter();
router.get("/", ok);
router.get("/users/:id", ok);
router.post("/users/:id", ({ response }) => response.status(422).send("no"));
router.get("/books/:id?", ok);
router.get("/docs/:category/*", ok);
router.any("/anything/:id", ok);
router.get("/later/:id", ({ response }) => new Promise((done) => setTimeout(() => done(response.send("later")), 5)));
router.get("/throws/:id", () => {
  throw new Error("as told");
});
router.get("/found/:id", ({ response }) => response.status(404).send("no such thing"));
router.on("/old").redirectToPath("/users/42");
router.get("/checked/:id", ok).use(({ response }) => response.status(403).send("no"));
router.group(() => router.group(() => router.get("/items/:item", ok)).prefix("/v1")).prefix("/api");
await server.boot();

serve({ main: createServer(server.handle.bind(server)) });
