/**
 * A member that does not serve: it sends what it has counted to the one that does, some time after a change and whenever it
 * is asked. It may be the standby, and then keeps a copy of the group.
 */
import { connect, type Socket } from "node:net";
import { AfterChange } from "./after-change.ts";
import { GroupState } from "./group-state.ts";
import { Link } from "./link.ts";
import { checkFolder } from "./meeting-point.ts";
import { OwnCounts } from "./own-counts.ts";
import { type Copy, type Counted, PROTOCOL, type Received, type Refused } from "./protocol.ts";
import { Replica } from "./replica.ts";
import type { Inherited, ServerOptions } from "./server.ts";

export interface MemberOptions extends ServerOptions {
  /** The number that it had before. */
  readonly worker: number | undefined;
  /** What it knows of the group that it was in, if it was the standby. */
  readonly inherited: Inherited | undefined;
  /** The serving process has gone. */
  readonly onLost: (inherited: Inherited | undefined) => void;
}

/** The reason why it cannot be known whether there is a group. */
export class Unreachable {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

export type JoinOutcome = "nobody" | Unreachable | Refused | GroupMember;

/** One collection of many instruments takes its time: it may take this part of it at most. */
const PART_OF_TIME = 1 / 50;

/** Asks to be taken in. Waits for as long as the serving process is busy. */
export async function join(options: MemberOptions): Promise<JoinOutcome> {
  let unreachable: Unreachable | undefined;
  for (const path of options.point.paths) {
    try {
      checkFolder(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") unreachable ??= new Unreachable(error);
      continue;
    }
    const socket = await connectTo(path);
    if (socket !== undefined) return new Promise((resolve) => new GroupMember(socket, options, resolve));
  }
  return unreachable ?? "nobody";
}

/** @returns undefined where nobody listens */
function connectTo(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.unref();
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(undefined));
  });
}

export class GroupMember {
  readonly #options: MemberOptions;
  readonly #link: Link;
  readonly #own: OwnCounts;
  readonly #afterChange: AfterChange;
  readonly #settle: (outcome: JoinOutcome) => void;
  #worker: number | undefined;
  #copy: Inherited | undefined;
  #sendNotBeforeMs = 0;
  #closed = false;

  constructor(socket: Socket, options: MemberOptions, settle: (outcome: JoinOutcome) => void) {
    const { own, group, shape, identity, worker, inherited } = options;
    this.#options = options;
    this.#settle = settle;
    this.#copy = inherited;
    this.#own = new OwnCounts(own, group.boundaries);
    this.#afterChange = new AfterChange(options.changes, () => this.#send(), options.onFailure);
    this.#link = new Link(socket, {
      nowMs: group.nowMs,
      onMessage: (received) => this.#take(received),
      onClosed: () => this.#onClosed(),
    });
    this.#link.send({ type: "hello", protocol: PROTOCOL, shape, identity, worker });
  }

  /** Its number in the group. */
  get worker(): number | undefined {
    return this.#worker;
  }

  /** This process ends: the serving process gets all that it has not been sent yet. */
  endNow(): void {
    if (this.#closed) return;
    this.#stop();
    const { change, numbers } = this.#own.last();
    this.#link.send({ type: "counted", isComplete: false, change, leaves: true }, [numbers]);
    this.#link.flushNow();
  }

  close(): void {
    this.endNow();
    this.#link.close();
  }

  #stop(): void {
    this.#closed = true;
    this.#afterChange.stop();
  }

  #onClosed(): void {
    if (this.#worker === undefined) this.#settle("nobody");
    else if (!this.#closed) this.#options.onLost(this.#copy);
    this.#stop();
  }

  #take({ message, numbers }: Received): void {
    switch (message.type) {
      case "welcome":
        this.#worker = message.worker;
        this.#begin();
        this.#settle(this);
        break;
      case "refused":
        this.#settle(message);
        this.#worker = undefined;
        this.#link.close();
        break;
      case "ask":
        this.#answer(message.scrape, message.timeoutMs).catch(this.#options.onFailure);
        break;
      case "copy":
        this.#keep(message, numbers);
        break;
      case "dismissed":
        this.#copy = undefined;
        break;
    }
  }

  #begin(): void {
    const { onShared } = this.#options;
    onShared();
    if (this.#copy !== undefined) this.#handOver(this.#copy);
    const { change, numbers } = this.#own.now();
    this.#count({ isComplete: true, change }, numbers);
    this.#afterChange.awaitNext();
  }

  /** The process that serves now may have come without knowing the group. */
  #handOver({ state, lineage, rank }: Inherited): void {
    const news = new Replica(state, lineage).take(rank);
    if (news !== undefined) this.#link.send(news.copy, news.numbers);
    this.#copy = undefined;
  }

  #count(counted: Omit<Counted, "type">, numbers: Float64Array): void {
    this.#link.send({ type: "counted", ...counted }, [numbers]);
  }

  #send(): void {
    const { nowMs } = this.#options.group;
    const startedAtMs = nowMs();
    if (startedAtMs < this.#sendNotBeforeMs) {
      this.#afterChange.again();
      return;
    }
    this.#afterChange.awaitNext();
    const { change, numbers, isEmpty } = this.#own.counted();
    if (!isEmpty) this.#count({ isComplete: false, change }, numbers);
    const endedAtMs = nowMs();
    this.#sendNotBeforeMs = endedAtMs + (endedAtMs - startedAtMs) / PART_OF_TIME;
  }

  async #answer(scrape: number, timeoutMs: number): Promise<void> {
    const { own } = this.#options;
    const alive = this.#own.now();
    this.#count({ isComplete: false, change: alive.change, alive: scrape }, alive.numbers);
    const collected = await own.collect(timeoutMs);
    if (this.#closed) return;
    const { change, numbers } = this.#own.with(collected);
    this.#count({ isComplete: false, change, answered: scrape }, numbers);
  }

  #keep(copy: Copy, numbers: Float64Array): void {
    if (copy.isComplete) {
      const state = new GroupState(this.#options.group);
      this.#copy = { state, lineage: copy.lineage, rank: copy.rank };
    }
    if (this.#copy === undefined) return;
    this.#copy.state.copy(copy, numbers);
    this.#copy = { ...this.#copy, rank: copy.rank };
  }
}
