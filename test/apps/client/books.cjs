// Makes all calls, one after the other, and prints the caller's books as JSON, then `listening <port>`.
const { createServer } = require("node:http");
const { once } = require("node:events");
const { calls } = require("./calls.cjs");
const { listen } = require("./target.cjs");

exports.keepBooks = async (http, https) => {
  const ports = await listen();
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const closedPort = closed.address().port;
  await new Promise((resolve) => closed.close(resolve));
  const books = {};
  for (const [name, call] of Object.entries(calls(http, https, ports, closedPort))) books[name] = await call();
  console.log(`books ${JSON.stringify(books)}`);
  console.log(`listening ${ports.http}`);
};
