/**
 * The requests of an OTLP exporter over HTTP, seen at their agent, which is as much of them as the exporter lets others make:
 *
 * - a collector that does not answer is no reason for the process to go on;
 * - one that never comes to the end of its answer has the exporter wait for ever, because its timeout is that of a
 *   connection on which nothing happens, and thirty such answers later nothing is exported any more;
 * - the exporter does not say with which status it was asked to come again later, nor for what reason an export failed.
 */
import { type Agent, type ClientRequest, type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { reasonIn } from "./status-message.ts";

/** What the exporter has to say of 429, 502, 503 and 504. */
const WITHOUT_STATUS = "Export failed with retryable status";

/** Of the answer's body, in which the reason is. */
const LONGEST_BODY_BYTES = 16_384;

/** A server words its status line itself. */
const LONGEST_TEXT = 100;

type Socket = Duplex & { unref?(): void };

/** What Node calls, and does not declare. */
type AgentWithRequests = Agent & { addRequest(request: ClientRequest, ...others: unknown[]): void };

export class WatchedRequests {
  readonly #timeoutMs: number;
  #lastFailure: { readonly status: number; readonly type: string | undefined; readonly body: Buffer[] } | undefined;

  /** @param timeoutMs from a request to the end of its answer */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** The agent, changed. */
  of(agent: Agent): Agent {
    const createConnection = agent.createConnection.bind(agent);
    agent.createConnection = (...parameters) => {
      const socket = createConnection(...parameters) as Socket | undefined;
      socket?.unref?.();
      return socket;
    };
    const reuseSocket = agent.reuseSocket.bind(agent);
    agent.reuseSocket = (socket: Socket, request) => {
      reuseSocket(socket, request);
      socket.unref?.();
    };
    const addRequest = (agent as AgentWithRequests).addRequest.bind(agent);
    (agent as AgentWithRequests).addRequest = (request, ...others) => {
      this.#watch(request);
      addRequest(request, ...others);
    };
    return agent;
  }

  /** The result, with the status where the exporter has left it out, and the reason that the collector has given. */
  named(result: ExportResult): ExportResult {
    const failure = this.#lastFailure;
    if (result.code === ExportResultCode.SUCCESS || failure === undefined) return result;
    const { code, message } = result.error as Error & { code?: unknown };
    const { status, type, body } = failure;
    if (message !== WITHOUT_STATUS && code !== status) return result;
    const text = (message === WITHOUT_STATUS ? STATUS_CODES[status] : message) || WITHOUT_STATUS;
    const reason = reasonIn(type, Buffer.concat(body));
    const named = new Error(reason === undefined ? text : `${text.slice(0, LONGEST_TEXT)} (${status}): ${reason}`);
    return { ...result, error: Object.assign(named, { code: status }) };
  }

  #watch(request: ClientRequest): void {
    const deadline = setTimeout(() => request.destroy(new Error("Request timed out")), this.#timeoutMs);
    request.once("response", (response) => this.#keep(response));
    request.once("close", () => clearTimeout(deadline));
  }

  #keep(response: IncomingMessage): void {
    const { statusCode = 0, headers } = response;
    if (statusCode < 300) return;
    const body: Buffer[] = [];
    let room = LONGEST_BODY_BYTES;
    // the exporter is listening, too
    response.on("data", (chunk: Buffer) => {
      if (room > 0) body.push(chunk.subarray(0, room));
      room -= chunk.length;
    });
    this.#lastFailure = { status: statusCode, type: headers["content-type"], body };
  }
}
