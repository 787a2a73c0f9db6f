/** A server in the place of a collector that speaks gRPC, keeps what it was sent, and answers as it is told. */
import { once } from "node:events";
import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import type { Certificates } from "../certificates.ts";
import { tlsOptions } from "./otlp-receiver.ts";

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The message, decompressed. */
  readonly message: Buffer;
  readonly isCompressed: boolean;
}

export interface GrpcReceiver {
  /** `127.0.0.1:4317`, with TLS `localhost:4317`: certificates are for names. */
  readonly address: string;
  readonly received: readonly Received[];
  /** A status of gRPC (0: OK); `undefined` gives no answer. From now on. Default: 0. */
  answer: number | undefined;
  /** Larger messages are refused, as servers of gRPC do. Default: none. */
  largestBytes: number;
  stop(): Promise<void>;
}

/** A flag for compression and the length, in front of each message. */
const PREFIX_BYTES = 5;
const GZIP = 1;

/** @param certificates with them it speaks TLS, and asks for a certificate of the client's */
export async function startGrpcReceiver(certificates?: Certificates): Promise<GrpcReceiver> {
  const received: Received[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const server = certificates ? createSecureServer(tlsOptions(certificates)) : createServer();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session)).on("error", () => {});
  });
  server.on("stream", async (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on("error", () => {});
    const frame = Buffer.concat(await stream.toArray());
    const isCompressed = frame[0] === GZIP;
    const message = frame.subarray(PREFIX_BYTES);
    const path = headers[":path"] ?? "";
    received.push({ path, headers, message: isCompressed ? gunzipSync(message) : message, isCompressed });
    const { answer, largestBytes } = receiver;
    if (answer === undefined) return;
    const isTooLarge = message.length > largestBytes;
    const trailers = isTooLarge
      ? {
          "grpc-status": "8",
          "grpc-message": `grpc: received message larger than max (${message.length} vs. ${largestBytes})`,
        }
      : { "grpc-status": String(answer) };
    stream.respond({ ":status": 200, "content-type": "application/grpc+proto" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    stream.end(isTooLarge ? undefined : Buffer.alloc(PREFIX_BYTES));
  });
  server.listen(0, certificates ? "localhost" : "127.0.0.1");
  await once(server, "listening");
  const receiver: GrpcReceiver = {
    address: `${certificates ? "localhost" : "127.0.0.1"}:${(server.address() as AddressInfo).port}`,
    received,
    answer: 0,
    largestBytes: Number.POSITIVE_INFINITY,
    async stop() {
      server.close();
      for (const session of sessions) session.destroy();
      await once(server, "close");
    },
  };
  return receiver;
}
