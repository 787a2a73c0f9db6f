/**
 * What is known of a request between its start and its end.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { ReportedRoute } from "../routes/route.ts";

/** What Node keeps about a response and does not declare: its head as text, also where it was given to `writeHead`. */
interface ResponseHead {
  readonly _header?: string | null;
}

const LAST_MODIFIED = /^last-modified:/im;

/** On HTTP/1 it is used again for the next request of its connection. */
export class RequestInFlight {
  request: IncomingMessage | undefined = undefined;
  response: ServerResponse | undefined = undefined;
  /** The request target as received; routers rewrite `request.url`. */
  target = "";
  /** Milliseconds of the monotonic clock. */
  startedAtMs = 0;
  methodIndex = 0;
  /** What frameworks have reported. */
  readonly route: ReportedRoute = new ReportedRoute();

  start(request: IncomingMessage, response: ServerResponse, methodIndex: number, nowMs: number): void {
    this.request = request;
    this.response = response;
    this.target = request.url ?? "";
    this.methodIndex = methodIndex;
    this.startedAtMs = nowMs;
  }

  /** Node's request, also where it has to be looked for. */
  incomingMessage(): IncomingMessage | undefined {
    return this.request;
  }

  /** Hot path (several times per request). Whether the head of the response has been written. */
  get isAnswered(): boolean {
    return this.response?.headersSent === true;
  }

  /** Whether the response is a file, by its `Last-Modified`, which answers made by code hardly have. */
  get sendsFile(): boolean {
    const head = (this.response as ResponseHead | undefined)?._header;
    return typeof head === "string" && LAST_MODIFIED.test(head);
  }

  /** Lets go of the application's objects, which would otherwise live as long as an idle connection. */
  release(): void {
    this.request = undefined;
    this.response = undefined;
    this.target = "";
    this.route.clear();
  }
}
