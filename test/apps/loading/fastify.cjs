// A Fastify application, as CommonJS.
const fastify = require("fastify");

const app = fastify();
app.get("/users/:id", async (request) => `user ${request.params.id}`);
app.listen({ port: 0, host: "127.0.0.1" }, () => console.log(`listening ${app.server.address().port}`));
