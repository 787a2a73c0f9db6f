/**
 * What Node publishes about requests, published by the test: on the real channels, over sockets that are none, by a clock
 * that stands until it is set.
 */
import { channel } from "node:diagnostics_channel";
import { EventEmitter } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export class FakeSocket extends EventEmitter {
  destroyed = false;
  closed = false;
  errored: NodeJS.ErrnoException | null = null;
  _bytesDispatched = 0;
  readonly _writableState = { errored: null, destroyed: false, needDrain: false };
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket & FakeSocket;
  readonly server: Server;
}

export function fakeServer(): Server {
  return new EventEmitter() as Server;
}

export function fakeSocket(): Socket & FakeSocket {
  return new FakeSocket() as Socket & FakeSocket;
}

export interface ExchangeOptions {
  readonly url?: string;
  readonly method?: string;
  readonly socket?: Socket & FakeSocket;
  readonly server?: Server;
}

/** An exchange that has not begun. */
export function exchange({
  url = "/",
  method = "GET",
  socket = fakeSocket(),
  server = fakeServer(),
}: ExchangeOptions = {}): Exchange {
  const request = { url, method, socket } as unknown as IncomingMessage;
  const response = { _header: null, _headerSent: false, statusCode: 200, socket } as unknown as ServerResponse;
  return { request, response, socket, server };
}

export function start(exchange: Exchange): Exchange {
  channel("http.server.request.start").publish(exchange);
  return exchange;
}

/** The head reaches the wire. */
export function writeHead({ response, socket }: Exchange, status: number): void {
  const head = `HTTP/1.1 ${status} whatever\r\n\r\n`;
  Object.assign(response, { _header: head, _headerSent: true, statusCode: status });
  socket._bytesDispatched += head.length;
}

export function finish(exchange: Exchange, status = 200): void {
  writeHead(exchange, status);
  channel("http.server.response.finish").publish(exchange);
}

export function close({ socket }: Exchange): void {
  socket.destroyed = true;
  socket.closed = true;
  socket._writableState.destroyed = true;
  socket.emit("close");
}
