/** Plain node:http without a router: users by id, and streams of server-sent events that stay open. */
const { createServer } = require("node:http");
const { hooks, serve } = require("./serve.cjs");

function answer(request, response) {
  if (request.url === "/events") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: first\n\n");
    return;
  }
  if (!request.url.startsWith("/users/")) {
    response.writeHead(404, { "content-length": 0 }).end();
    return;
  }
  const body = JSON.stringify({ id: request.url.slice("/users/".length), name: "Ada" });
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
}

serve(createServer(hooks.http ? hooks.http(answer) : answer));
