/**
 * How a request ended, as the RED labels see it.
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { unseenBuiltin } from "../../node/unseen-builtin.ts";
import type { RequestInFlight } from "./request-in-flight.ts";

/** nginx's "client closed request": nobody was left to answer. */
export const CLIENT_CLOSED_REQUEST = 499;

/** Where the status code stands in a status line, `HTTP/1.1 200 OK`. */
const STATUS_AT = "HTTP/1.1 ".length;
const DIGIT_ZERO = 48;

/** What Node keeps about a response and does not declare. */
interface ResponseHead {
  /** The head as text. */
  readonly _header?: string | null;
  /** Whether the head was handed to the socket. */
  readonly _headerSent?: boolean;
  /** False where the head is all: the answer to HEAD, 204, 304. */
  readonly _hasBody?: boolean;
  /** Whether `100 Continue` went out in front. */
  readonly _sent100?: boolean;
}

/** By status code. Asked for with the first response: before, nobody may have loaded node:http. */
let statusMessages: Readonly<Record<number, string | undefined>> | undefined;

/**
 * Hot path (per request). The status of a response that was sent, as it was sent: `statusCode` can still be assigned
 * after the head has gone out, and then says something that no client has seen.
 *
 * Node sets code and message together; where they still fit, neither has been touched. The head itself is a rope of
 * strings, and to look into it makes V8 put it together once more than the response does: a third of all we did.
 */
export function sentStatus(response: ServerResponse): number {
  statusMessages ??= unseenBuiltin("http").STATUS_CODES;
  const { statusCode, statusMessage } = response;
  return statusMessage !== undefined && statusMessage === statusMessages[statusCode]
    ? statusCode
    : statusInHead(response);
}

function statusInHead(response: ServerResponse): number {
  const head = (response as ResponseHead)._header;
  if (typeof head !== "string" || head.length < STATUS_AT + 3) return response.statusCode;
  const status =
    (head.charCodeAt(STATUS_AT) - DIGIT_ZERO) * 100 +
    (head.charCodeAt(STATUS_AT + 1) - DIGIT_ZERO) * 10 +
    (head.charCodeAt(STATUS_AT + 2) - DIGIT_ZERO);
  return status >= 100 && status <= 999 ? status : response.statusCode;
}

/**
 * Hot path (per request). Bytes that a connection has handed to the operating system so far; NaN for a stream that does
 * not count them. `bytesWritten` would add what still waits in memory.
 */
export function bytesHandedOver(socket: Socket): number {
  return (socket as Socket & { readonly _bytesDispatched?: number })._bytesDispatched ?? Number.NaN;
}

/** What Node keeps about the writing side of a stream. */
interface WritingSide {
  readonly errored?: { readonly syscall?: string } | null;
  readonly destroyed?: boolean;
  readonly needDrain?: boolean;
}

/**
 * Hot path (per request). Whether the connection of a response that is said to have finished has gone with part of it:
 * Node up to 22 also says so where the client has reset it, or the server has destroyed it, under a long body.
 *
 * A socket that was destroyed after all was handed over is none of these: `response.end(text, () => socket.destroy())`.
 */
export function isCutOff(socket: Socket): boolean {
  const writing = (socket as Socket & { readonly _writableState?: WritingSide })._writableState;
  if (writing === undefined) return false;
  if (writing.errored) return writing.errored.syscall !== undefined;
  return writing.destroyed === true && writing.needDrain === true;
}

/**
 * The status of a request whose connection has gone before its response was sent.
 *
 * Without a head on the wire it is 499: the status on the response object is still Node's default 200, and counting
 * that as a success would hide exactly the requests that users gave up on. `headersSent` is no help: it is true from
 * `writeHead` on, which sends nothing by itself. Nor is `_headerSent` alone: a response that waits in a pipeline, and
 * one that the handler gave after the connection was destroyed, have it too.
 *
 * @param bytesBefore handed over by the connection before the turn of this response
 */
export function abortedStatus(response: ServerResponse, socket: Socket, bytesBefore: number): number {
  const { _header: head, _headerSent: hasWritten } = response as ResponseHead;
  if (response.socket === null || hasWritten !== true) return CLIENT_CLOSED_REQUEST;
  const isInMemory = bytesHandedOver(socket) - bytesBefore < (head?.length ?? 0);
  return isInMemory ? CLIENT_CLOSED_REQUEST : sentStatus(response);
}

const CONTINUE_BYTES = "HTTP/1.1 100 Continue\r\n\r\n".length;
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)\r\n/i;

/** Bytes of the response's body; `undefined` where only `end()` tells the client that it has all of them. */
function bodyBytes(response: ServerResponse, head: string): number | undefined {
  if ((response as ResponseHead)._hasBody === false) return 0;
  const length = response.chunkedEncoding ? undefined : CONTENT_LENGTH.exec(head)?.[1];
  return length === undefined ? undefined : Number(length);
}

/**
 * Whether the operating system has taken every byte of a response whose `end()` has had no effect yet. Its client knows by
 * `Content-Length` that it has the whole, and may close the connection first: curl does, and HTTP/1.0.
 *
 * Exact, but after `103 Early Hints`: their bytes cannot be told from the body's, and the response counts as cut.
 *
 * @param bytesBefore handed over by the connection before the turn of this response
 */
export function isHandedOver(response: ServerResponse, socket: Socket, bytesBefore: number): boolean {
  const { _header: head, _headerSent: hasWritten, _sent100: hasContinued } = response as ResponseHead;
  if (response.socket === null || hasWritten !== true || typeof head !== "string") return false;
  const body = bodyBytes(response, head);
  if (body === undefined || hasUnsent(socket)) return false;
  const bytes = bytesHandedOver(socket) - bytesBefore - (hasContinued ? CONTINUE_BYTES : 0);
  return bytes === head.length + body;
}

/** Whether the operating system had not taken all that was handed to it when the connection went. */
function hasUnsent(socket: Socket): boolean {
  const writing = (socket as Socket & { readonly _writableState?: WritingSide })._writableState;
  return writing?.needDrain === true || writing?.errored?.syscall === "write";
}

/** The response that has the connection of a request: the application may have put another in the place of Node's. */
export function responseOn(socket: Socket, { request, response }: RequestInFlight): ServerResponse {
  const assigned = (socket as Socket & { readonly _httpMessage?: ServerResponse | null })._httpMessage;
  return assigned && assigned.req === request ? assigned : (response as ServerResponse);
}

const ANSWERS_OF_NODE: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};
const BAD_REQUEST = 400;
const PARSE_ERROR = "HPE_";
/** The connection ended in the middle of a request: Node answers 400, and nobody is there to read it. */
const CLIENT_HUNG_UP = "HPE_INVALID_EOF_STATE";

/**
 * The status that Node answers, past any response object, to what ends with this error: a request that cannot be parsed or
 * takes too long. `undefined` for an error of another kind. https://nodejs.org/api/http.html#event-clienterror
 */
export function statusOfRejection(errorCode: string | undefined): number | undefined {
  if (errorCode === undefined) return undefined;
  return ANSWERS_OF_NODE[errorCode] ?? (errorCode.startsWith(PARSE_ERROR) ? BAD_REQUEST : undefined);
}

/**
 * The status of the answer that Node wrote on the connection, past the response object, before it hung up: to a body that
 * took longer than `server.requestTimeout`, and to one that cannot be parsed. `undefined` where it did not.
 *
 * @param bytesBefore handed over by the connection before the turn of this response
 */
export function answerOfNode(response: ServerResponse, socket: Socket, bytesBefore: number): number | undefined {
  const code = (socket.errored as NodeJS.ErrnoException | null | undefined)?.code;
  if (code === undefined || code === CLIENT_HUNG_UP || response.socket === null) return undefined;
  const hasAnswered = !(response as ResponseHead)._headerSent && bytesHandedOver(socket) > bytesBefore;
  return hasAnswered ? statusOfRejection(code) : undefined;
}
