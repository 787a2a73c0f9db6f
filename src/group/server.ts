/**
 * The member that serves: it takes what the others have counted, and asks them at each scrape.
 */
import type { Socket } from "node:net";
import type { ScopeMetrics } from "@opentelemetry/sdk-metrics";
import type { Log } from "../log/log.ts";
import { randomUuid } from "../node/uuid.ts";
import type { Changes } from "../view/changes.ts";
import { AfterChange } from "./after-change.ts";
import { groupMetrics } from "./group-metrics.ts";
import { type GroupOptions, GroupState } from "./group-state.ts";
import { Link } from "./link.ts";
import { Listener } from "./listener.ts";
import type { MeetingPoint } from "./meeting-point.ts";
import { OwnCounts, type OwnMetrics } from "./own-counts.ts";
import { type Copy, type Counted, type Hello, type Identity, PROTOCOL, type Received, type Shape } from "./protocol.ts";
import { ScrapeRound } from "./scrape-round.ts";
import { fits } from "./shape.ts";
import { type Candidate, Standbys } from "./standbys.ts";

export interface ServerOptions {
  readonly group: GroupOptions;
  readonly shape: Shape;
  readonly identity: Identity;
  readonly own: OwnMetrics;
  readonly changes: Changes;
  readonly point: MeetingPoint;
  readonly log: Log;
  /** Called when this process is no longer alone. */
  readonly onShared: () => void;
  /** Takes an exception out of our own code. */
  readonly onFailure: (error: unknown) => void;
}

/** What a member knows of a group that it takes over. */
export interface Inherited {
  readonly state: GroupState;
  readonly lineage: string;
  /** 0 takes over at once, 1 if that one does not. */
  readonly rank: number;
}

/** Bytes of the first message of a peer: nobody knows yet who it is. */
const LONGEST_HELLO = 64 * 1024;
/** How long, in milliseconds, a peer may say nothing. */
const SILENT_PEER_MS = 5000;
/** How long a scrape waits for the copy of a standby, in milliseconds. Counted from the start. */
const COPY_COMES_WITHIN_MS = 800;

export class GroupServer {
  readonly #options: ServerOptions;
  readonly #state: GroupState;
  readonly #listener: Listener;
  readonly #standbys: Standbys;
  readonly #joined = new Map<string, Candidate>();
  readonly #links = new Set<Link>();
  readonly #rounds = new Map<number, ScrapeRound>();
  readonly #lineages = new Set<string>();
  readonly #afterChange: AfterChange;
  #own: OwnCounts | undefined;
  #scrapes = 0;
  #isShared = false;
  #closed = false;
  #copyCame: () => void = () => {};
  /** Settled where nobody can have a copy. */
  #copy: Promise<void> = Promise.resolve();

  /** @param inherited where this process has been a member before */
  constructor(options: ServerOptions, inherited: Inherited | undefined) {
    this.#options = options;
    this.#state = inherited?.state ?? new GroupState(options.group);
    const lineage = inherited?.lineage ?? randomUuid();
    this.#lineages.add(lineage);
    this.#standbys = new Standbys(this.#state, lineage, () => this.#joined.values());
    this.#listener = new Listener({
      point: options.point,
      onConnection: (socket) => this.#accept(socket),
      onFailure: (error) =>
        // nobody may want to: one that does says so louder
        options.log.info(
          `other processes of this service cannot join this one: ${(error as Error)?.message}. Only its own requests are shown`,
        ),
    });
    this.#afterChange = new AfterChange(options.changes, () => this.#share(), options.onFailure);
    if (inherited !== undefined) {
      for (const id of this.#state.members.keys()) this.#state.lose(id);
      this.#becomeShared();
    } else if (this.#listener.isLeftOver) {
      this.#copy = new Promise((resolve) => {
        this.#copyCame = resolve;
        setTimeout(resolve, COPY_COMES_WITHIN_MS).unref();
      });
    }
    this.#listener.listen();
  }

  /** All metrics of the group; undefined while this process is alone. */
  async collect(timeoutMs: number): Promise<ScopeMetrics[] | undefined> {
    await this.#copy;
    this.#listener.check();
    if (!this.#isShared) return undefined;
    const scrape = ++this.#scrapes;
    const asked = [...this.#joined.values()].filter(({ member }) => !member.isStuck);
    const round = new ScrapeRound(
      asked.map(({ member }) => member.identity.id),
      timeoutMs,
      (id) => this.#isStuck(id),
    );
    this.#rounds.set(scrape, round);
    for (const { link } of asked) link.send({ type: "ask", scrape, timeoutMs });
    const [others] = await Promise.all([this.#options.own.collect(timeoutMs), round.done]).finally(() =>
      this.#rounds.delete(scrape),
    );
    this.#state.forgetEnded();
    this.#applyOwn((own) => own.with(others));
    const metrics = groupMetrics(this.#state);
    this.#standbys.send();
    await this.#standbys.areSafe();
    return metrics;
  }

  /** This process ends: the standby gets all that is not counted yet. */
  endNow(): void {
    this.#closed = true;
    this.#afterChange.stop();
    if (this.#isShared) {
      this.#applyOwn((own) => own.last());
      this.#state.forget(this.#options.identity.id);
      this.#standbys.sendNow();
    }
    this.#listener.close(this.#joined.size === 0);
  }

  /** Members have to find another one that serves. */
  close(): void {
    if (!this.#closed) this.endNow();
    for (const link of this.#links) link.close();
  }

  #becomeShared(): void {
    if (this.#isShared) return;
    this.#isShared = true;
    const { identity, own, group, onShared } = this.#options;
    this.#own = new OwnCounts(own, group.boundaries);
    const self = this.#state.join(identity);
    const { change, numbers } = this.#own.now();
    this.#state.apply(self, true, change, numbers);
    onShared();
    this.#afterChange.awaitNext();
  }

  #applyOwn(take: (own: OwnCounts) => ReturnType<OwnCounts["now"]>): void {
    const self = this.#state.members.get(this.#options.identity.id);
    if (self === undefined || this.#own === undefined) return;
    const { change, numbers } = take(this.#own);
    this.#state.apply(self, false, change, numbers);
  }

  #share(): void {
    this.#afterChange.awaitNext();
    if (this.#joined.size === 0) return;
    this.#applyOwn((own) => own.counted());
    // the others would tell the next one themselves
    this.#standbys.sendOf(this.#options.identity.id);
  }

  #accept(socket: Socket): void {
    let id: string | undefined;
    const silent = setTimeout(() => link.close(), SILENT_PEER_MS).unref();
    const link: Link = new Link(socket, {
      nowMs: this.#options.group.nowMs,
      longestFrame: () => (id === undefined ? LONGEST_HELLO : undefined),
      onClosed: () => {
        clearTimeout(silent);
        this.#links.delete(link);
        if (id !== undefined) this.#onGone(id, link);
      },
      onMessage: (received) => {
        clearTimeout(silent);
        if (id === undefined) id = this.#greet(received.message as Hello, link);
        else this.#take(id, received);
      },
    });
    this.#links.add(link);
  }

  /** @returns the id of the member; undefined where it is refused */
  #greet(hello: Hello, link: Link): string | undefined {
    const { shape, identity } = this.#options;
    if (hello.type !== "hello") throw new TypeError("not a hello");
    if (!fits(shape, hello)) {
      link.send({ type: "refused", protocol: PROTOCOL, shape, pid: identity.pid });
      void link.flushed().then(() => link.close());
      return undefined;
    }
    const { id } = hello.identity;
    this.#becomeShared();
    this.#state.forgetEnded();
    this.#joined.get(id)?.link.close();
    const member = this.#state.join(hello.identity, hello.worker);
    this.#joined.set(id, { member, link });
    link.send({ type: "welcome", worker: member.worker });
    return id;
  }

  #take(id: string, { message, numbers }: Received): void {
    if (message.type === "copy") this.#adopt(message, numbers);
    else if (message.type === "counted") this.#count(id, message, numbers);
  }

  #count(id: string, message: Counted, numbers: Float64Array): void {
    const member = this.#state.members.get(id);
    if (member === undefined) return;
    this.#state.apply(member, message.isComplete, message.change, numbers);
    member.isStuck = false;
    if (message.alive !== undefined) this.#rounds.get(message.alive)?.alive(id);
    if (message.answered !== undefined) this.#rounds.get(message.answered)?.answered(id);
    if (message.leaves) this.#state.forget(id);
    if (message.isComplete || message.leaves) this.#standbys.send();
  }

  /** From a member that was the standby of the process that served before. */
  #adopt(copy: Copy, numbers: Float64Array): void {
    if (this.#lineages.has(copy.lineage)) return;
    this.#lineages.add(copy.lineage);
    const state = new GroupState(this.#options.group);
    state.copy(copy, numbers);
    this.#state.adopt(state);
    this.#copyCame();
    this.#standbys.send();
  }

  #isStuck(id: string): void {
    const member = this.#state.members.get(id);
    if (member !== undefined) member.isStuck = true;
  }

  #onGone(id: string, link: Link): void {
    if (this.#joined.get(id)?.link !== link) return;
    this.#joined.delete(id);
    const member = this.#state.members.get(id);
    // a thread has no other reason to go while its process and this one live; a process may be about to come back
    if (member !== undefined && member.identity.thread > 0) this.#state.forget(id);
    else this.#state.lose(id);
    for (const round of this.#rounds.values()) round.answered(id);
    if (!this.#closed) this.#standbys.send();
  }
}
