/** A client of HTTP/2 that ends its requests in any way it likes. */
import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from "node:http2";
import { connect as connectTls } from "node:tls";
import { until } from "./until.ts";

const DEADLINE_MS = 30_000;
/** By the key that the server knows as well: neither of them has a certificate. */
const KEY = { identity: "test", psk: Buffer.from("0123456789abcdef") };

function tls(port: number) {
  return connectTls({
    host: "127.0.0.1",
    port,
    ALPNProtocols: ["h2"],
    ciphers: "PSK",
    maxVersion: "TLSv1.2",
    pskCallback: () => KEY,
    checkServerIdentity: () => undefined,
  });
}

export class Http2Client {
  readonly session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    // what a server does to a session, or to its connection, is what is tested
    this.session = session.on("error", () => {});
  }

  static async open(port: number): Promise<Http2Client> {
    const session = connect(`http://127.0.0.1:${port}`);
    await once(session, "remoteSettings");
    return new Http2Client(session);
  }

  static async openSecurely(port: number): Promise<Http2Client> {
    const session = connect(`https://127.0.0.1:${port}`, { createConnection: () => tls(port) });
    await once(session, "remoteSettings");
    return new Http2Client(session);
  }

  /** Begins a request: `GET /path`. Its body is open for any method but GET and HEAD. */
  begin(line: string, headers: OutgoingHttpHeaders = {}): Http2Exchange {
    const [method = "", path] = line.split(" ");
    const isOpen = !["GET", "HEAD"].includes(method);
    return new Http2Exchange(
      this.session.request(
        { ":method": method, ...(path !== undefined && { ":path": path }), ...headers },
        { endStream: !isOpen },
      ),
    );
  }

  /** A request without a body, from beginning to end. Resolves with its status. */
  async ask(line: string): Promise<number | undefined> {
    const exchange = this.begin(line);
    exchange.stream.end();
    await exchange.closed;
    return exchange.status;
  }

  /** Without a word to the server. */
  destroy(): void {
    this.session.destroy();
  }
}

export class Http2Exchange {
  readonly stream: ClientHttp2Stream;
  readonly closed: Promise<void>;
  status: number | undefined;
  received = "";
  isEnded = false;

  constructor(stream: ClientHttp2Stream) {
    this.stream = stream;
    stream
      .setEncoding("latin1")
      .on("error", () => {})
      .on("response", (headers) => {
        this.status = headers[":status"];
      })
      .on("data", (text: string) => {
        this.received += text;
      })
      .on("end", () => {
        this.isEnded = true;
      });
    this.closed = new Promise((resolve) => {
      stream.on("close", () => resolve());
    });
  }

  /** Resolves once this has come. */
  receives(text: string): Promise<true> {
    return until(`"${text}" is received`, DEADLINE_MS, async () => (this.received.includes(text) ? true : undefined));
  }

  /** Resolves once the response is complete. */
  ends(): Promise<true> {
    return until("the response has ended", DEADLINE_MS, async () => (this.isEnded ? true : undefined));
  }

  /** Resets the stream, as a browser does whose user has left. */
  async cancel(): Promise<void> {
    this.stream.close(constants.NGHTTP2_CANCEL);
    await this.closed;
  }
}
