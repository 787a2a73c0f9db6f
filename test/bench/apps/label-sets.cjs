/**
 * Plain node:http with as many routes as are asked for: each path is a label set of its own. Instrumentations that
 * wait for a router to tell them the route are told by hand.
 */
const { createServer } = require("node:http");
const { hooks, serve } = require("./serve.cjs");

function answer(request, response) {
  hooks.routed?.(request.url);
  response.writeHead(200, { "content-length": 2 }).end("ok");
}

serve(createServer(hooks.http ? hooks.http(answer) : answer));
