/** Express: one flat route, and one below three mounts that have parameters of their own. */
const express = require("express");
const { createServer } = require("node:http");
const { hooks, serve } = require("./serve.cjs");

const app = express();
hooks.express?.(app);

app.get("/users/:id", (request, response) => response.json({ id: request.params.id, name: "Ada" }));

const projects = express.Router({ mergeParams: true });
projects.get("/items/:item", (request, response) => response.json(request.params));
const teams = express.Router({ mergeParams: true });
teams.use("/projects/:project", projects);
const orgs = express.Router({ mergeParams: true });
orgs.use("/teams/:team", teams);
app.use("/orgs/:org", orgs);

serve(createServer(app));
