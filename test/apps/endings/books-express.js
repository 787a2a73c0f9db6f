/** The behaviours on Express, behind its router, some of them in a mounted one. */
import express from "express";
import { BEHAVIOURS, KEEP_ALIVE_MS, NOT_FOUND } from "./behaviours.js";
import { listenForOrders } from "./stages.js";

const app = express();
const mounted = express.Router();
app.use("/items", mounted);

for (const [route, handler] of Object.entries(BEHAVIOURS)) {
  const [method, path] = route.split(" ");
  const listener = (req, res) => handler(req, res, req.params.id);
  if (path.startsWith("/items/")) mounted[method.toLowerCase()](path.slice("/items".length), listener);
  else app[method.toLowerCase()](path, listener);
}
app.use(NOT_FOUND);

const orders = await listenForOrders();
const server = app.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port} orders=${orders}`));
server.keepAliveTimeout = KEEP_ALIVE_MS;
