// Counts with an attribute that the API's types forbid, and that is no data.
const { createServer } = require("node:http");
const { metrics } = require("@opentelemetry/api");

const orders = metrics.getMeter("shop").createCounter("orders");
orders.add(1, { priority: () => "high", customer: "a" });

const server = createServer((_request, response) => response.end("ok"));
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
