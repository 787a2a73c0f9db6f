/**
 * A small shop, written as anybody would write it on Express. It knows nothing of metrics: no import, no middleware,
 * no setting. What it waits for (a database, a payment provider) is simulated, and the same on every run.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import express from "express";

const PRODUCTS = new Map(
  [
    { id: "kettle", name: "Kettle", price: 39.9 },
    { id: "teapot", name: "Teapot", price: 24.5 },
    { id: "cup", name: "Cup", price: 6 },
    { id: "saucer", name: "Saucer", price: 4.5 },
    { id: "spoon", name: "Spoon", price: 2.2 },
  ].map((product) => [product.id, product]),
);

const orders = new Map();
let queries = 0;

/** A number in [0, 1) that looks random and depends on nothing but its arguments. */
function chance(...what) {
  return createHash("sha256").update(what.join()).digest().readUInt32BE() / 2 ** 32;
}

function database(fromMs, toMs) {
  return sleep(fromMs + (toMs - fromMs) * chance("query", ++queries));
}

/** One attempt in seven finds the provider down; a few run into a bug of ours. */
async function charge(order) {
  order.attempts += 1;
  const luck = chance("payment", order.id, order.attempts);
  await sleep(30 + 150 * chance("provider", order.id, order.attempts));
  if (luck < 0.14) throw Object.assign(new Error("the payment provider is down"), { status: 502 });
  if (luck < 0.18) throw new TypeError("Cannot read properties of undefined (reading 'iban')");
  order.status = "paid";
}

/** Aborts when the client is gone: nobody needs the rest of a report that nobody reads. */
function whileConnected(res) {
  const connection = new AbortController();
  res.once("close", () => connection.abort());
  return connection.signal;
}

const app = express();
app.disable("x-powered-by");

app.get("/health", (_req, res) => {
  res.send("ok");
});

app.get("/products", async (_req, res) => {
  await database(2, 12);
  res.json([...PRODUCTS.values()]);
});

app.get("/products/:id", async (req, res) => {
  await database(1, 8);
  const product = PRODUCTS.get(req.params.id);
  if (product) res.json(product);
  else res.status(404).json({ error: "no such product" });
});

const api = express.Router();
api.use(express.json());

api.param("id", (req, res, next, id) => {
  req.order = orders.get(id);
  if (req.order) next();
  else res.status(404).json({ error: "no such order" });
});

api.post("/orders", async (req, res) => {
  const product = PRODUCTS.get(req.body?.product);
  if (!product) return res.status(400).json({ error: "no such product" });
  const order = {
    id: String(1001 + orders.size),
    product: product.id,
    price: product.price,
    status: "open",
    attempts: 0,
  };
  orders.set(order.id, order);
  await database(8, 40);
  res.status(201).location(`/api/orders/${order.id}`).json(order);
});

api.get("/orders/:id", async (req, res) => {
  await database(1, 8);
  res.json(req.order);
});

api.post("/orders/:id/payment", async (req, res) => {
  if (req.order.status === "paid") return res.status(409).json({ error: "already paid" });
  await charge(req.order);
  res.json(req.order);
});

app.use("/api", api);

/** The more days, the slower: somebody should have added an index. */
app.get("/reports/sales", async (req, res) => {
  const days = Number(req.query.days ?? 30);
  await sleep(20 * days, undefined, { signal: whileConnected(res) });
  res.json({ days, orders: orders.size });
});

app.get("/reports/sales.csv", async (req, res) => {
  const signal = whileConnected(res);
  res.type("csv").write("day,orders\n");
  for (let day = 1; day <= Number(req.query.days ?? 30); day++) {
    await sleep(20, undefined, { signal });
    res.write(`${day},${orders.size}\n`);
  }
  res.end();
});

app.use((error, _req, res, next) => {
  if (res.closed) return;
  if (res.headersSent) return next(error);
  res.status(error.status ?? 500).json({ error: error.message });
});

const server = app.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", (error) => {
  if (error) throw error;
  console.log(`shop listening on http://127.0.0.1:${server.address().port}`);
});
// longer than clients and load balancers keep a connection: one that is closed here takes the request with it that is on its way
server.keepAliveTimeout = 65_000;

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => server.close());
