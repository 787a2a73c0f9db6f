// A shop that measures itself with prom-client, and serves that on its own /metrics, as its middleware tells it to.
const { createServer } = require("node:http");
const express = require("express");
const { collectDefaultMetrics, Counter, register } = require("prom-client");

collectDefaultMetrics();
const orders = new Counter({ name: "shop_orders_total", help: "Orders taken", labelNames: ["kind"] });

/** @param middleware of Express, which measures */
exports.serve = (middleware) => {
  const app = express();
  app.get("/metrics", async (_request, response) => {
    response.set("content-type", register.contentType).end(await register.metrics());
  });
  app.use(middleware);
  app.get("/health", (_request, response) => response.send("ok"));
  app.get("/slow", () => {});
  const users = express.Router();
  users.get("/:id", (request, response) => response.json({ id: request.params.id }));
  app.use("/users", users);
  app.post("/orders", (_request, response) => {
    orders.inc({ kind: "book" });
    response.status(503).end();
  });
  const server = createServer(app);
  server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
};
