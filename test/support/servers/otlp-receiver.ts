/** A server in the place of a collector, that keeps what it was sent as it came, and answers as it is told. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { SecureContextOptions, TlsOptions } from "node:tls";
import { gunzipSync } from "node:zlib";
import type { Certificates } from "../certificates.ts";

interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Decompressed. */
  readonly body: Buffer;
  /** What it was answered. */
  readonly answer: Answer;
}

/**
 * A status; `undefined` gives none, and the connection stays open; a text is sent as it is, in the place of HTTP; a function
 * does what it likes.
 */
type Answer = number | string | undefined | ((response: ServerResponse, body: Buffer) => void);

export interface OtlpReceiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** From now on. Default: 200. */
  answer: Answer;
  stop(): Promise<void>;
}

/**
 * @param port default: any free one
 * @param certificates with them it speaks TLS, and asks for a certificate of the client's
 */
export async function startOtlpReceiver(port = 0, certificates?: Certificates): Promise<OtlpReceiver> {
  const received: Received[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const body = Buffer.concat(await request.toArray());
    const { url = "", headers } = request;
    const { answer } = receiver;
    received.push({ url, headers, body: headers["content-encoding"] === "gzip" ? gunzipSync(body) : body, answer });
    if (typeof answer === "function") answer(response, body);
    else if (typeof answer === "number") response.writeHead(answer).end();
    else if (answer !== undefined) response.socket?.end(answer);
  };
  // certificates are for names
  const host = certificates ? "localhost" : "127.0.0.1";
  const server = certificates ? createSecureServer(tlsOptions(certificates), take) : createServer(take);
  server.listen(port, host);
  await once(server, "listening");
  const receiver: OtlpReceiver = {
    url: `${certificates ? "https" : "http"}://${host}:${(server.address() as AddressInfo).port}`,
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

export function tlsOptions({ server, ca }: Certificates): SecureContextOptions & TlsOptions {
  return {
    cert: readFileSync(server.cert),
    key: readFileSync(server.key),
    ca: readFileSync(ca),
    requestCert: true,
    rejectUnauthorized: true,
  };
}
