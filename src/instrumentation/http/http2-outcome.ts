/**
 * How a request on HTTP/2 ended, as the RED labels see it: by its stream, whatever is built on that.
 */
import type { ServerHttp2Stream } from "node:http2";
import { CLIENT_CLOSED_REQUEST } from "./outcome.ts";

/** NO_ERROR of RFC 9113, section 7; `http2.constants` would load the module. */
const NO_ERROR = 0;

/** Whether a file is sent, which does not go through the stream's writing side. https://nodejs.org/api/http2.html#http2streamrespondwithfilepath-headers-options */
function sendsFile(stream: ServerHttp2Stream): boolean {
  return (stream as { readonly ownsFd?: boolean }).ownsFd !== undefined;
}

/** The status as it was sent; 499 where no head was: nobody was left to answer, or nobody did. */
export function statusOfStream(stream: ServerHttp2Stream): number {
  return stream.headersSent ? Number(stream.sentHeaders[":status"]) : CLIENT_CLOSED_REQUEST;
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
