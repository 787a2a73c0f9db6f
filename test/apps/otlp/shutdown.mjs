// Measures itself, answers one request, and shuts otel-red down as the last thing it does.
import { once } from "node:events";
import { createServer } from "node:http";
import { startRed } from "../../../dist/index.mjs";

const red = startRed();
const server = createServer((_request, response) => {
  response.setHeader("connection", "close");
  response.once("close", () => server.emit("answered")).end("ok");
});
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
await once(server, "answered");
server.close();
await red.shutdown();
console.log("shut down");
