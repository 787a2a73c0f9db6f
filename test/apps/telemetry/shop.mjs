// The shop again, as an ES module.
import { metrics } from "@opentelemetry/api";
import express from "express";

const orders = metrics.getMeter("shop").createCounter("orders");
const app = express();
app.get("/books/:id", async (_request, response) => {
  orders.add(1);
  response.send(await (await fetch(process.env.STOCK)).text());
});
app.get("/quit", () => process.exit(3));
const server = app.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
