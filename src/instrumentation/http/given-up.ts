/**
 * Whether the server itself has given a request up that it had not begun to answer: nginx's 499 blames the client, and this
 * one waited. Everything that a client could bring about stays a 499, so that nobody can page an operator from outside.
 */
import type { Socket } from "node:net";
import type { Connection } from "./connection.ts";
import type { RequestInFlight } from "./request-in-flight.ts";

/** What the server gave up: it is unavailable to this request. */
export const GIVEN_UP = 503;

/** Codes of errors that a client can cause: by its connection, by a body that cannot be unpacked, by a file that is not there. */
const CLIENTS_CODES: ReadonlySet<unknown> = new Set([
  "ECONNABORTED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTCONN",
  "EPIPE",
  "EPROTO",
  "ETIMEDOUT",
  "Z_BUF_ERROR",
  "Z_DATA_ERROR",
  "EISDIR",
  "ENAMETOOLONG",
  "ENOENT",
  "ENOTDIR",
  // no fault of anybody's: the application has changed its mind
  "ABORT_ERR",
]);
/** Of Node's parser, of HTTP/1 and 2, of TLS. */
const CLIENTS_CODE = /^(HPE|ERR_HTTP2?|ERR_SSL|ERR_TLS)_/;

interface Fault {
  readonly code?: unknown;
  readonly syscall?: unknown;
  /** As http-errors and the frameworks have them. https://github.com/jshttp/http-errors#error-properties */
  readonly status?: unknown;
  readonly statusCode?: unknown;
}

function isClientsStatus(status: unknown): boolean {
  return typeof status === "number" && status >= 400 && status < 500;
}

/**
 * Whether the error with which a connection or stream was destroyed is the server's: the application's own, or one that it
 * passes on from its database or upstream. An upstream's `ECONNRESET` looks like the client's, and counts as that.
 *
 * @param isReceived whether the whole request had come. Before, an error of the application's own may well be about what
 *   the client sends ("too large"); one of the operating system (`ENOSPC`) is not
 */
export function isServersFault(error: unknown, isReceived: boolean): boolean {
  if (error === undefined || error === null) return false;
  const { code, syscall, status, statusCode } = error as Fault;
  if (isClientsStatus(status) || isClientsStatus(statusCode)) return false;
  // nobody connects to, or looks up, a client
  if (syscall === "connect" || syscall === "getaddrinfo") return true;
  if (CLIENTS_CODES.has(code) || (typeof code === "string" && CLIENTS_CODE.test(code))) return false;
  return isReceived || syscall !== undefined;
}

/**
 * Whether the server has closed the connection of a request whose response had no head yet. Only the request whose turn it
 * is: behind it, the client may just not have read what was in front.
 */
export function isGivenUp(connection: Connection, { request, response, startedAtMs }: RequestInFlight): boolean {
  const { server, socket, isExcused, timedOutAtMs } = connection;
  const hasLeft = socket.readableEnded === true;
  const assigned = (socket as Socket & { readonly _httpMessage?: unknown })._httpMessage ?? response;
  if (hasLeft || isExcused || assigned !== response || !server.isListening) return false;
  const isReceived = request?.complete === true;
  if (socket.errored) return isServersFault(socket.errored, isReceived);
  // a client that sends slowly is why Node's timeout fired
  return isReceived && timedOutAtMs >= startedAtMs;
}
