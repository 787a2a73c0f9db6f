// A server made before anything else, and a framework that is loaded when the first request has come.
import { createServer } from "node:http";

let app;
const server = createServer(async (request, response) => {
  app ??= import("./late-routes.mjs").then((routes) => routes.default);
  (await app)(request, response);
});
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
