/**
 * Two servers in one process, plain node:http and Express, with every way in which a request can end: answered, not
 * found, not measured, cut off before its answer, and in the middle of it.
 */
const express = require("express");
const { createServer } = require("node:http");
const { HOST, serve } = require("./serve.cjs");

const SLOW_MS = 50;
const app = express();

app.get("/users/:id", (request, response) => response.json({ id: request.params.id, name: "Ada" }));
app.get("/health", (_request, response) => response.json({}));
app.get("/slow", (_request, response) => setTimeout(() => response.json({}), SLOW_MS));
app.get("/events", (_request, response) => response.type("text/event-stream").write("data: first\n\n"));

const projects = express.Router({ mergeParams: true });
projects.get("/items/:item", (request, response) => response.json(request.params));
const orgs = express.Router({ mergeParams: true });
orgs.use("/projects/:project", projects);
app.use("/orgs/:org", orgs);

function plain(request, response) {
  const json = (status) => response.writeHead(status, { "content-length": 2 }).end("{}");
  if (request.url === "/slow") setTimeout(json, SLOW_MS, 200);
  else if (request.url === "/events") response.writeHead(200).write("data: first\n\n");
  else json(/^\/(users|orgs|health)/.test(request.url) ? 200 : 404);
}

const routed = createServer(app).listen(0, HOST, () => {
  serve(createServer(plain), {
    routedPort: () => routed.address().port,
    routedConnections: () => new Promise((resolve) => routed.getConnections((_, count) => resolve(count))),
  });
});
