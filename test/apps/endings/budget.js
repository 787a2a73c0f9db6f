/**
 * A plain server that anything may be asked for, and behind it, under /shop, a shop on Express; the shop is also on a port
 * of its own. `/heap` tells what is in use after a collection; start Node with --expose-gc.
 */
import { createServer } from "node:http";
import express from "express";

const shop = express();
shop.get("/shop/products/:id", (_req, res) => res.send("a teapot"));
shop.get("/shop/products/:id/reviews", (_req, res) => res.status(500).send("none"));
shop.post("/shop/orders", (_req, res) => res.status(201).send("yours"));

function heap(res) {
  globalThis.gc();
  globalThis.gc();
  res.end(String(process.memoryUsage().heapUsed));
}

const plain = createServer((req, res) => {
  if (req.url === "/heap") heap(res);
  else if (req.url.startsWith("/shop/")) shop(req, res);
  else {
    res.sendDate = false;
    res.statusCode = req.url.endsWith("/found") ? 200 : 404;
    res.end();
  }
});
const own = createServer(shop);

plain.listen(0, "127.0.0.1", () => {
  own.listen(0, "127.0.0.1", () => console.log(`listening ${plain.address().port} shop=${own.address().port}`));
});
