/** Hands each OTLP request on to several servers, as it came: each sees what the exporter has sent. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Tee {
  readonly url: string;
  stop(): Promise<void>;
}

/** @param targets base URLs, as OTEL_EXPORTER_OTLP_ENDPOINT takes them. Answers 502 where one of them does not take it. */
export async function startTee(targets: readonly string[]): Promise<Tee> {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const headers = { "content-type": request.headers["content-type"] ?? "" };
    const answers = await Promise.allSettled(
      targets.map((target) => fetch(`${target}${request.url}`, { method: "POST", headers, body })),
    );
    const taken = answers.every((answer) => answer.status === "fulfilled" && answer.value.ok);
    response.writeHead(taken ? 200 : 502).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
