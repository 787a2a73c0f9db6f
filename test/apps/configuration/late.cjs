// A server whose first line sets variables, as dotenv does: those of LATE, in JSON; null deletes one. The routes are Fastify's,
// which have to be seen before anything listens.
for (const [name, value] of Object.entries(JSON.parse(process.env.LATE))) {
  if (value === null) delete process.env[name];
  else process.env[name] = value;
}
const { fastify } = require("fastify");

const app = fastify();
app.get("/users/:id", async () => ({ environment: process.env }));
app.listen({ port: 0, host: "127.0.0.1" }).then(() => console.log(`listening ${app.server.address().port}`));
