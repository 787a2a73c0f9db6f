/**
 * How a request on HTTP/2 ended, as the RED labels see it: by its stream, whatever is built on that.
 */
import type { OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { GIVEN_UP, isServersFault } from "./given-up.ts";
import { CLIENT_CLOSED_REQUEST } from "./outcome.ts";

/** Of RFC 9113, section 7; `http2.constants` would load the module. */
const NO_ERROR = 0;
const INTERNAL_ERROR = 2;

/** What Node keeps of a stream outside of JavaScript, and does not declare. */
export interface StreamHandle {
  /** Of the body. */
  readonly bytesWritten?: number;
}

let handleKey: symbol | undefined;

/** Hot path (per request). To be had while the stream is open only. */
export function handleOf(stream: ServerHttp2Stream): StreamHandle | undefined {
  handleKey ??= Object.getOwnPropertySymbols(stream).find(({ description }) => description === "kHandle");
  return handleKey && (stream as unknown as Record<symbol, StreamHandle | undefined>)[handleKey];
}

/** A stream whose response may have been cut, and what was seen of its end before. */
export interface CutStream {
  readonly stream: ServerHttp2Stream;
  readonly isClosedByServer: boolean;
  /** Whether Node has closed its session for being idle since the request came. */
  readonly hasTimedOut: boolean;
  readonly isServerListening: boolean;
}

/** Whether a file is sent, which does not go through the stream's writing side. https://nodejs.org/api/http2.html#http2streamrespondwithfilepath-headers-options */
function sendsFile(stream: ServerHttp2Stream): boolean {
  return (stream as { readonly ownsFd?: boolean }).ownsFd !== undefined;
}

/** The status as it was sent; without a head, 503 where the server has given the request up, else 499. */
export function statusOfStream(request: CutStream): number {
  const { stream } = request;
  if (stream.headersSent) return Number(stream.sentHeaders[":status"]);
  return isGivenUp(request) ? GIVEN_UP : CLIENT_CLOSED_REQUEST;
}

function isGivenUp({ stream, isClosedByServer, hasTimedOut, isServerListening }: CutStream): boolean {
  if (!isServerListening) return false;
  if (isClosedByServer) return true;
  const isReceived = stream.endAfterHeaders || stream.readableEnded;
  if (stream.errored) return isServersFault(stream.errored, isReceived);
  return isReceived && hasTimedOut && stream.rstCode === NO_ERROR;
}

/**
 * Whether the application closes this stream as an internal error of its own. Asked when the writing side has finished: a
 * stream that its client has reset with that code is destroyed by then.
 */
export function isClosedByServer(stream: ServerHttp2Stream): boolean {
  return stream.aborted && !stream.destroyed && stream.rstCode === INTERNAL_ERROR;
}

function contentLength(headers: OutgoingHttpHeaders): number | undefined {
  const name = Object.keys(headers).find((name) => name.toLowerCase() === "content-length");
  return name === undefined ? undefined : Number(headers[name]);
}

/**
 * Whether the whole body has gone out, though not the flag that ends it: the client knows by `content-length`. Asked when
 * the writing side has finished, which it does not with anything left to send.
 */
export function isBodySent(stream: ServerHttp2Stream, handle: StreamHandle | undefined): boolean {
  if (!stream.headersSent || sendsFile(stream) || handle === undefined) return false;
  return handle.bytesWritten === contentLength(stream.sentHeaders);
}

/**
 * Whether the response has been handed over, as the writing side has finished. It also finishes where the stream is reset,
 * before a file is sent, and before the answer to HEAD: those end with their stream.
 */
export function isSent(stream: ServerHttp2Stream): boolean {
  return stream.headersSent && !stream.aborted && !sendsFile(stream);
}

/**
 * Whether a stream that has closed without `isSent` has gone under its response: it was reset by either side, or its
 * session or connection is gone.
 */
export function isStreamCut(stream: ServerHttp2Stream, isSessionGone: boolean): boolean {
  return !stream.headersSent || stream.aborted || stream.rstCode !== NO_ERROR || isSessionGone;
}
