/** The behaviours on node:http, without a router. */
import { createServer } from "node:http";
import { BEHAVIOURS, KEEP_ALIVE_MS, NOT_FOUND } from "./behaviours.js";
import { listenForOrders } from "./stages.js";

const handlers = new Map(
  Object.entries(BEHAVIOURS).map(([route, handler]) => [
    route.replace("/:id", ""),
    { handler, takesId: route.endsWith(":id") },
  ]),
);

const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (req, res) => {
  const method = req.method === "HEAD" ? "GET" : req.method;
  const [, name, id] = req.url.split("/");
  const found = handlers.get(`${method} /${name}`);
  if (found === undefined || found.takesId !== (id !== undefined)) NOT_FOUND(req, res);
  else found.handler(req, res, id);
});

const orders = await listenForOrders();
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port} orders=${orders}`));
