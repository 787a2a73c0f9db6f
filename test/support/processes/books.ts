/** The client's own books about a service of several processes: each request, its answer, and the process that gave it. */
import { request } from "node:http";

export interface Answer {
  readonly path: string;
  readonly status: number;
  /** `<pid>.<thread>` */
  readonly by: string;
  /** On the clock of `performance.now()`, after the process has answered. */
  readonly receivedAtMs: number;
  readonly body: string;
}

/** A request without an answer: the service may have counted it, under any status. */
export interface Failure {
  readonly path: string;
  readonly failedAtMs: number;
}

/** An answer that takes longer fails: the primary of a cluster has given the connection to a worker that died just then. */
const ANSWER_MS = 3_000;

/** The label that the service gives to the target of a request. */
function pathOf(target: string): string {
  return (target.split("?")[0] ?? "").replace(/\/\d+/, "/:id");
}

export class Books {
  readonly answers: Answer[] = [];
  readonly failures: Failure[] = [];

  /** Sends a request on a connection of its own, and resolves with its answer, or undefined where there is none. */
  ask(url: string, target: string): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const path = pathOf(target);
      const fail = () => {
        this.failures.push({ path, failedAtMs: performance.now() });
        resolve(undefined);
      };
      const sent = request(url + target, { agent: false, timeout: ANSWER_MS }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("error", () => {});
        response.on("data", (text) => {
          body += text;
        });
        response.on("close", () => {
          if (!response.complete) {
            fail();
            return;
          }
          const by = String(response.headers["x-process"]);
          const answer = { path, status: Number(response.statusCode), by, receivedAtMs: performance.now(), body };
          this.answers.push(answer);
          resolve(answer);
        });
      });
      sent.on("timeout", () => sent.destroy());
      sent.on("error", fail).end();
    });
  }

  /** Sends so many requests, one after the other, to the URLs in turns. */
  async askMany(urls: readonly string[], count: number, target = "/work/1"): Promise<void> {
    for (let i = 0; i < count; i++) await this.ask(urls[i % urls.length] as string, target);
  }

  /** The processes that have answered since that time. */
  processes(sinceMs = 0): Set<string> {
    return new Set(this.answers.filter(({ receivedAtMs }) => receivedAtMs >= sinceMs).map(({ by }) => by));
  }
}

/** `await using` ends it where a test fails. */
export interface Load extends AsyncDisposable {
  /** Resolves when the last request has ended. */
  stop(): Promise<void>;
}

const TARGETS = ["/work/1", "/work/2", "/fail", "/work/3", "/missing", "/work/4"];

/**
 * Asks the URLs in turns, until it is stopped.
 *
 * @param urls read before each request: processes with a port of their own come and go
 * @param lanes requests at the same time
 * @param pauseMs between two requests of a lane
 */
export function startLoad(books: Books, urls: () => readonly string[], lanes = 3, pauseMs = 3): Load {
  let stopped = false;
  const lane = async (first: number) => {
    for (let i = first; !stopped; i++) {
      const all = urls();
      const url = all[i % all.length];
      if (url !== undefined) await books.ask(url, TARGETS[i % TARGETS.length] as string);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const ended = Promise.all(Array.from({ length: lanes }, (_, first) => lane(first)));
  const stop = async () => {
    stopped = true;
    await ended;
  };
  return { stop, [Symbol.asyncDispose]: stop };
}
