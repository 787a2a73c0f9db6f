// A server that listens within an async context, beside an APM that patches all HTTP servers: prints who of them sees the
// requests to the endpoint.
const { AsyncLocalStorage } = require("node:async_hooks");
const { subscribe } = require("node:diagnostics_channel");
const { createServer, Server } = require("node:http");

const context = new AsyncLocalStorage();
const emit = Server.prototype.emit;
Server.prototype.emit = function (event, request, ...rest) {
  if (event === "request") console.log(`APM: ${request.url}`);
  return emit.call(this, event, request, ...rest);
};
subscribe("http.server.request.start", ({ request }) => console.log(`${request.url} in ${context.getStore()}`));

context.run("the application's context", () => {
  const server = createServer((_request, response) => response.end("ok"));
  server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
});
