// Custom servers: Node's own, which answers one path itself, and Express, which has one route for all that is Next's.
import { createServer } from "node:http";
import express from "express";
import next from "next";

const shop = next({ dev: false, hostname: "127.0.0.1", port: 3000 });
await shop.prepare();
const handle = shop.getRequestHandler();

const plain = createServer((request, response) => {
  if (request.url === "/ping/42") response.end("pong");
  else handle(request, response);
});
const front = express();
front.get("/own/:id", (request, response) => response.send(request.params.id));
front.all("/{*path}", (request, response) => handle(request, response));

plain.listen(0, "127.0.0.1", () => {
  const inExpress = front.listen(0, "127.0.0.1", () => {
    console.log(`listening ${plain.address().port} express=${inExpress.address().port}`);
  });
});
