/**
 * How a request ended, as the RED labels see it.
 */
import type { ServerResponse } from "node:http";

/** nginx's "client closed request": nobody was left to answer. */
export const CLIENT_CLOSED_REQUEST = 499;

/** Where the status code stands in a status line, `HTTP/1.1 200 OK`. */
const STATUS_AT = "HTTP/1.1 ".length;
const DIGIT_ZERO = 48;

/** What Node keeps about a response and does not declare: its head as text, and whether it was handed to the socket. */
interface ResponseHead {
  readonly _header?: string | null;
  readonly _headerSent?: boolean;
}

/**
 * Hot path (per request). The status of a response that was sent, as it was sent: `statusCode` can still be assigned
 * after the head has gone out, and then says something that no client has seen.
 */
export function sentStatus(response: ServerResponse): number {
  const head = (response as ResponseHead)._header;
  if (typeof head !== "string" || head.length < STATUS_AT + 3) return response.statusCode;
  const status =
    (head.charCodeAt(STATUS_AT) - DIGIT_ZERO) * 100 +
    (head.charCodeAt(STATUS_AT + 1) - DIGIT_ZERO) * 10 +
    (head.charCodeAt(STATUS_AT + 2) - DIGIT_ZERO);
  return status >= 100 && status <= 999 ? status : response.statusCode;
}

/**
 * The status of a request whose connection has gone before its response was sent.
 *
 * Without a head on the wire it is 499: the status on the response object is still Node's default 200, and counting
 * that as a success would hide exactly the requests that users gave up on. `headersSent` is no help: it is true from
 * `writeHead` on, which sends nothing by itself, and for a pipelined response that never got the socket.
 */
export function abortedStatus(response: ServerResponse): number {
  const onTheWire = (response as ResponseHead)._headerSent === true && response.socket !== null;
  return onTheWire ? sentStatus(response) : CLIENT_CLOSED_REQUEST;
}
