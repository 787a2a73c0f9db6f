// h3 2, as the ES module that it is.
import { createServer } from "node:http";
import { H3, HTTPError, toNodeHandler, withBase } from "h3";
import { serve } from "./serve.cjs";

const ok = () => "answered";

const app = new H3({ silent: true });
app.use((event) => {
  if (event.req.headers.get("x-stop")) return new Response("no", { status: 401 });
});
app.get("/", ok);
app.get("/users/:id", ok);
app.post("/users", () => new Response("invalid", { status: 422 }));
app.all("/anything/:id", ok);
app.get("/files/**", ok);
app.get("/named/**:path", ok);
app.get("/throws/:id", () => {
  throw new HTTPError({ status: 503 });
});
app.get("/later/:id", async () => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return "later";
});
const nested = new H3().get("/items/:item", ok);
app.mount("/api", nested);
app.mount("/fetched", nested.fetch);
app.all("/based/**", withBase("/based", nested));
app.all("/whole/**", (event) => new H3().get("/whole/parts/:part", ok).fetch(event.req));
app.get("/asks/:id", (event) => nested.fetch(event.req));
app.mount("/foreign", () => new Response("of another framework"));
serve({ main: createServer(toNodeHandler(app)) });
