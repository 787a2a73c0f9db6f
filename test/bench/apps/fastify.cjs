/** Fastify with one route. */
const fastify = require("fastify");
const { hooks, HOST, listening } = require("./serve.cjs");

const app = fastify();
hooks.fastify?.(app);
app.register(async (users) => {
  users.get("/users/:id", async (request) => ({ id: request.params.id, name: "Ada" }));
});
app.listen({ port: 0, host: HOST }).then(() => listening(app.server));
