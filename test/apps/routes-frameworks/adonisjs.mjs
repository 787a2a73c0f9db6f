// AdonisJS, of which two versions may be there: `node adonisjs.mjs <folder of @adonisjs/http-server>`
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serve } from "./serve.cjs";

const [, , folder] = process.argv;
const { resolve } = createRequire(folder === undefined ? import.meta.url : pathToFileURL(join(folder, "index.js")));
const load = (name) => import(pathToFileURL(resolve(name)).href);
// as @adonisjs/core does
await load("@adonisjs/http-server");
const { AppFactory } = await load("@adonisjs/application/factories");
const { ServerFactory } = await load("@adonisjs/http-server/factories");

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
