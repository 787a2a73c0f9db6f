// An Express application in TypeScript, as CommonJS.
import type { AddressInfo } from "node:net";

interface Asked {
  readonly params: { readonly id: string };
}

const express = require("express");

const app = express();
app.get("/users/:id", ({ params }: Asked, response: { send(text: string): void }) =>
  response.send(`user ${params.id}`),
);
const server = app.listen(0, "127.0.0.1", () => console.log(`listening ${(server.address() as AddressInfo).port}`));
