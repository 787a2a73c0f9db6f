// A Fastify application, as an ES module.
import fastify from "fastify";

const app = fastify();
app.get("/users/:id", async (request) => `user ${request.params.id}`);
await app.listen({ port: 0, host: "127.0.0.1" });
console.log(`listening ${app.server.address().port}`);
