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
  /** What it was answered. */
  readonly answer: Answer;
}

/** A status; `undefined` gives none, and the connection stays open; a text is sent as it is, in the place of HTTP. */
type Answer = number | string | undefined;

export interface OtlpReceiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** From now on. Default: 200. */
  answer: Answer;
  stop(): Promise<void>;
}

/** @param port default: any free one */
export async function startOtlpReceiver(port = 0): Promise<OtlpReceiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const { url = "", headers } = request;
    const { answer } = receiver;
    received.push({ url, headers, body: headers["content-encoding"] === "gzip" ? gunzipSync(body) : body, answer });
    if (typeof answer === "number") response.writeHead(answer).end();
    else if (answer !== undefined) response.socket?.end(answer);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: 200,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return receiver;
}
