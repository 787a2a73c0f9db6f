// A Fastify application in TypeScript, as an ES module.
import type { AddressInfo } from "node:net";
import fastify from "fastify";

interface User {
  readonly id: string;
}

const app = fastify();
app.get("/users/:id", async ({ params }) => `user ${(params as User).id}`);
await app.listen({ port: 0, host: "127.0.0.1" });
console.log(`listening ${(app.server.address() as AddressInfo).port}`);
