/** A row of the table of endings, and how a client gets most requests to theirs. */
import type { Exposition } from "../../exposition.ts";
import type { Stages } from "../stages.ts";
import type { Wire } from "../wire.ts";

/** What a row has at hand. */
export interface Client {
  readonly stages: Stages;
  /** To a server of test/apps/endings/endings.js, by its name. */
  open(server?: string): Promise<Wire>;
  openSecurely(): Promise<Wire>;
  /** The next scrape that shows so many requests in flight. */
  scrapeWithActive(active: number): Promise<Exposition>;
}

export interface Row {
  readonly ending: string;
  run(client: Client): Promise<unknown>;
  /** `<method> <status_code> <path>`: requests counted. */
  readonly counted: Readonly<Record<string, number>>;
  /** `<method> <path>`: of those the aborted ones. Default: none. */
  readonly aborted?: Readonly<Record<string, number>>;
}

/** Sends the requests in one write, and waits for so many complete answers that end with this text. */
export function exchange(requests: string | readonly string[], answered: string, server?: string) {
  return async ({ open }: Client) => {
    const wire = await open(server);
    await wire.send([requests].flat().join(""));
    await wire.receives(answered, [requests].flat().length);
    await wire.leave();
    return wire;
  };
}

/** Sends the request, and waits for the server to hang up. */
export function untilHungUp(request: string, server?: string) {
  return async ({ open }: Client) => {
    const wire = await open(server);
    await wire.send(request);
    await wire.closed;
  };
}

/** Sends the request, waits for this text of the answer, and leaves. */
export function leaveAfter(request: string, received: string, times = 1) {
  return async ({ open }: Client) => {
    const wire = await open();
    await wire.send(request);
    await wire.receives(received, times);
    await wire.leave();
  };
}

/** Sends the request, waits for the handler to reach its stage, and resets the connection. */
export function resetAt(stage: string, request: string) {
  return async ({ open, stages }: Client) => {
    const wire = await open();
    await wire.send(request);
    await stages.reached(stage);
    await wire.reset();
  };
}

/** Waits for this text of the answer, and then has the handler destroy the connection. */
export function destroyedAfter(received: string, request: string) {
  return async ({ open, stages }: Client) => {
    const wire = await open();
    await wire.send(request);
    await wire.receives(received);
    wire.stopReading();
    stages.order("destroy");
  };
}

export const HEAD_END = "\r\n\r\n";
