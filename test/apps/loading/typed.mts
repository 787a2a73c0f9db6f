// A server in TypeScript, run by Node's type stripping.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface User {
  readonly id: string;
}

function show({ id }: User, response: ServerResponse): void {
  response.end(`user ${id satisfies string}`);
}

const server = createServer((request, response) => show({ id: request.url?.split("/").at(-1) as string }, response));
server.listen(0, "127.0.0.1", () => console.log(`listening ${(server.address() as AddressInfo).port}`));
