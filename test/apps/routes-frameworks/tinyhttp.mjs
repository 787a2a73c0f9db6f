// tinyhttp, of the version that is installed in reach of this file: `node tinyhttp.mjs @tinyhttp/app`
import { createServer } from "node:http";
import { serve } from "./serve.cjs";

const { App } = await import(process.argv[2]);

function application(settings) {
  const app = new App({ settings });
  app.use((req, res, next) => (req.headers["x-stop"] ? res.status(401).send("no") : next()));
  app.get("/", (_req, res) => res.send("root"));
  app.get("/users/:id", (req, res) => res.send(req.params.id));
  app.put("/users/:id", (_req, res) => res.status(422).send("no"));
  app.get("/files/*", (_req, res) => res.send("file"));
  app.get("/later/:id", async (_req, res) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    res.send("later");
  });
  app.use(
    "/api",
    new App({ settings }).get("/items/:item", (_req, res) => res.send("item")),
  );
  return createServer(app.attach);
}

serve({ main: application({ enableReqRoute: true }), second: application({}) });
