/** A server in the place of a collector, that keeps what it was sent as it came, and answers as it is told. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Decompressed. */
  readonly body: Buffer;
}

export interface OtlpReceiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** The status of the answers from now on; `undefined` gives none, and the connection stays open. Default: 200. */
  status: number | undefined;
  stop(): Promise<void>;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const { url = "", headers } = request;
    received.push({ url, headers, body: headers["content-encoding"] === "gzip" ? gunzipSync(body) : body });
    if (receiver.status !== undefined) response.writeHead(receiver.status).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    status: 200,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return receiver;
}
