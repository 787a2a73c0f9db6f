// A shop that is traced: each book that is asked for makes a request to the stock, and counts as an order.
if (process.env.SDK_IN_MAIN) require("@opentelemetry/auto-instrumentations-node/register");
const { metrics } = require("@opentelemetry/api");
const express = require("express");

const orders = metrics.getMeter("shop").createCounter("orders");
const app = express();
app.get("/books/:id", async (_request, response) => {
  orders.add(1);
  response.send(await (await fetch(process.env.STOCK)).text());
});
app.get("/quit", () => process.exit(3));
const server = app.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
