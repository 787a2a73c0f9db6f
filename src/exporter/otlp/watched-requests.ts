/**
 * The requests of an OTLP exporter over HTTP, seen at their agent, which is as much of them as the exporter lets others make:
 *
 * - a collector that does not answer is no reason for the process to go on;
 * - one that never comes to the end of its answer has the exporter wait for ever, because its timeout is that of a
 *   connection on which nothing happens, and thirty such answers later nothing is exported any more;
 * - the exporter does not say with which status it was asked to come again later.
 */
import { type Agent, type ClientRequest, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";

/** What the exporter has to say of 429, 502, 503 and 504. */
const WITHOUT_STATUS = "Export failed with retryable status";

type Socket = Duplex & { unref?(): void };

/** What Node calls, and does not declare. */
type AgentWithRequests = Agent & { addRequest(request: ClientRequest, ...others: unknown[]): void };

export class WatchedRequests {
  readonly #timeoutMs: number;
  #lastStatus: number | undefined;

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

  /** The result, with the status where the exporter has left it out. */
  named(result: ExportResult): ExportResult {
    if (result.code === ExportResultCode.SUCCESS || result.error?.message !== WITHOUT_STATUS) return result;
    const status = this.#lastStatus ?? 0;
    return { ...result, error: Object.assign(new Error(STATUS_CODES[status] ?? WITHOUT_STATUS), { code: status }) };
  }

  #watch(request: ClientRequest): void {
    const deadline = setTimeout(() => request.destroy(new Error("Request timed out")), this.#timeoutMs);
    request.once("response", ({ statusCode }) => {
      this.#lastStatus = statusCode;
    });
    request.once("close", () => clearTimeout(deadline));
  }
}
