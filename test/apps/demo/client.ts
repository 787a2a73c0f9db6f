/** An HTTP client that can leave early, and writes down how each of its requests ended. */
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { type Books, CLIENT_CLOSED_REQUEST } from "./books.ts";

/** How long a client that is going to leave waits for an answer. */
const PATIENCE_MS = 200;
/** No answer takes this long: something is broken, and the traffic ends with an error instead of hanging. */
const NO_ANSWER_MS = 15_000;

export interface PlannedRequest {
  readonly method: string;
  /** As sent. */
  readonly url: string;
  /** The route that should answer, as the metrics should name it; `undefined` for a path that is excluded from them. */
  readonly path: string | undefined;
  readonly body?: unknown;
  /** The client does not stay to the end. The server must take clearly longer than its patience. */
  readonly leaves?: "before the answer" | "in the middle of it";
}

export interface Answer {
  readonly status: number;
  /** Empty where the client left. */
  readonly body: string;
}

export class Client {
  readonly #address: string;
  readonly #books: Books;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(address: string, books: Books) {
    this.#address = address;
    this.#books = books;
  }

  /** @throws Error where the connection fails, or nothing comes back within 15 seconds. */
  async send({ method, url, path, body, leaves }: PlannedRequest): Promise<Answer> {
    const startedAtMs = performance.now();
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers =
      payload === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(payload) };
    const outgoing = request(new URL(url, this.#address), {
      method,
      headers,
      agent: this.#agent,
      timeout: NO_ANSWER_MS,
    });
    outgoing.once("timeout", () =>
      outgoing.destroy(new Error(`${method} ${url}: no answer within ${NO_ANSWER_MS} ms`)),
    );
    outgoing.end(payload);

    const answer =
      leaves === "before the answer"
        ? await leaveBeforeAnswer(outgoing)
        : await receive(outgoing, leaves !== undefined);
    if (path === undefined) this.#books.excluded += 1;
    else this.#books.record({ method, path, ...answer, durationSeconds: (performance.now() - startedAtMs) / 1000 });
    return answer;
  }

  /** Closes the connections that are kept alive. */
  close(): void {
    this.#agent.destroy();
  }
}

type Ending = Answer & { readonly aborted: boolean };

async function receive(outgoing: ClientRequest, leavesInTheMiddle: boolean): Promise<Ending> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once("response", resolve).on("error", reject);
  });
  const status = response.statusCode as number;
  if (!leavesInTheMiddle) return { status, body: await text(response), aborted: false };
  for await (const _chunk of response) break; // leaving the loop destroys the response, and its connection
  return { status, body: "", aborted: true };
}

/** Patience begins when the request has been handed to the operating system: what was never sent cannot be counted. */
function leaveBeforeAnswer(outgoing: ClientRequest): Promise<Ending> {
  return new Promise((resolve, reject) => {
    outgoing.once("finish", () => {
      setTimeout(() => {
        outgoing.destroy();
        resolve({ status: CLIENT_CLOSED_REQUEST, body: "", aborted: true });
      }, PATIENCE_MS);
    });
    outgoing.once("response", () =>
      reject(new Error(`${outgoing.method} ${outgoing.path} was answered before the client left`)),
    );
    outgoing.on("error", reject); // after destroy() too, when the promise is already resolved
  });
}
