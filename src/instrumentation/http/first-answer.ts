/**
 * The status line that is written on a socket past any response object, as the answer to an upgrade is.
 */
import type { Socket } from "node:net";
import { interceptMethod } from "../../node/intercepted-method.ts";

const PROTOCOL = "HTTP/";
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/;
const STATUS_LINE_CHARS = "HTTP/1.1 101".length;
const HEAD_END = "\r\n\r\n";
const SWITCHING_PROTOCOLS = 101;

interface Chunk {
  readonly chunk: unknown;
  readonly encoding: unknown;
}

/** What `_write` gets without decoding, and `_writev`. https://nodejs.org/api/stream.html#writable_writechunk-encoding-callback */
function textOf({ chunk, encoding }: Chunk): string {
  if (typeof chunk === "string") return Buffer.from(chunk, encoding as BufferEncoding).toString("latin1");
  return chunk instanceof Uint8Array
    ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1")
    : "";
}

export const NOT_HTTP = Symbol("not HTTP");

/**
 * The status of the first answer in these bytes that is no interim one (100, 103); `NOT_HTTP` where they are no answer at
 * all; `undefined` while that cannot be told.
 */
export function statusOfAnswer(bytes: string): number | typeof NOT_HTTP | undefined {
  const answer = bytes.slice(0, STATUS_LINE_CHARS);
  if (!answer.startsWith(PROTOCOL.slice(0, answer.length))) return NOT_HTTP;
  if (answer.length < STATUS_LINE_CHARS) return undefined;
  const status = Number(STATUS_LINE.exec(answer)?.[1]);
  if (Number.isNaN(status)) return NOT_HTTP;
  if (status >= 200 || status === SWITCHING_PROTOCOLS) return status;
  const end = bytes.indexOf(HEAD_END);
  return end === -1 ? undefined : statusOfAnswer(bytes.slice(end + HEAD_END.length));
}

/**
 * Calls back once, with the status that the application writes, as it hands it to the operating system.
 *
 * Seen by the methods that all writing comes through, of this one socket and until then: the socket of an established
 * connection is as Node made it.
 *
 * @param onFailure takes an exception out of our own code
 */
export function onceAnswered(
  socket: Socket,
  callback: (status: number | typeof NOT_HTTP) => void,
  onFailure: (error: unknown) => void,
): void {
  let bytes = "";
  function see(chunks: readonly Chunk[]): void {
    try {
      bytes += chunks.map(textOf).join("");
      const status = statusOfAnswer(bytes);
      if (status === undefined) return;
      stop();
      callback(status);
    } catch (error) {
      stop();
      onFailure(error);
    }
  }
  const undo = [
    interceptMethod(socket, "_write", ([chunk, encoding]) => see([{ chunk, encoding }])),
    interceptMethod(socket, "_writev", ([chunks]) => see(chunks as readonly Chunk[])),
  ];
  function stop(): void {
    // what was added last goes first, so that the socket keeps its shape for the engine
    for (const restore of undo.splice(0).reverse()) restore();
  }
}
