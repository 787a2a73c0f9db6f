/**
 * This process or thread as part of its service: it serves for all, or is a member of a group that another one serves, or is
 * alone. Who serves is decided by the port of the endpoint: whoever has it.
 */
import type { ScopeMetrics } from "@opentelemetry/sdk-metrics";
import type { RedConfig } from "../config/red-config.ts";
import type { Log } from "../log/log.ts";
import { threadModule } from "../node/thread-module.ts";
import { randomUuid } from "../node/uuid.ts";
import type { Changes } from "../view/changes.ts";
import { redLabels } from "../view/red.ts";
import type { GroupOptions } from "./group-state.ts";
import { MeetingPoint } from "./meeting-point.ts";
import { GroupMember, join, Unreachable } from "./member.ts";
import type { OwnMetrics } from "./own-counts.ts";
import type { Identity, Shape } from "./protocol.ts";
import { GroupServer, type Inherited, type ServerOptions } from "./server.ts";
import { shapeOf, whyRefused, whyUnreachable } from "./shape.ts";

export interface GroupSettings {
  readonly config: RedConfig;
  readonly own: OwnMetrics;
  readonly changes: Changes;
  readonly log: Log;
  /** Whether this is the primary of a cluster, and serves no traffic. */
  readonly isPrimary: boolean;
  /** Milliseconds of a monotonic clock. */
  readonly nowMs: () => number;
  readonly onOverflow: () => void;
  /** The serving process has gone: the port is to be tried again. @param rank of this process among the standbys, if it is one */
  readonly onLost: (rank: number | undefined) => void;
  /** Takes an exception out of our own code. */
  readonly onFailure: (error: unknown) => void;
}

export interface Refusal {
  /** Why, and what to do about it. */
  readonly refused: string;
  /** Whether it was said by the process that serves. Else it may only be about to serve. */
  readonly isSaid: boolean;
}

export class Group {
  readonly #settings: GroupSettings;
  readonly #shape: Shape;
  readonly #identity: Identity;
  #server: GroupServer | undefined;
  #member: GroupMember | undefined;
  #inherited: Inherited | undefined;
  #worker: number | undefined;
  #exits = false;

  constructor(settings: GroupSettings) {
    this.#settings = settings;
    this.#shape = shapeOf(settings.config);
    this.#identity = {
      id: randomUuid(),
      pid: process.pid,
      thread: threadModule()?.threadId ?? 0,
      isPrimary: settings.isPrimary,
    };
  }

  /** This process has the port. */
  serve(port: number): void {
    this.#member = undefined;
    this.#server = new GroupServer(this.#options(port), this.#inherited);
    this.#inherited = undefined;
  }

  /** Another process has the port. Waits for as long as that process is busy. */
  async join(port: number): Promise<"joined" | "nobody" | Refusal> {
    const outcome = await join({
      ...this.#options(port),
      worker: this.#worker,
      inherited: this.#inherited,
      onLost: (inherited) => {
        if (this.#server !== undefined) return;
        this.#member = undefined;
        this.#inherited = inherited;
        this.#settings.onLost(inherited?.rank);
      },
    });
    if (outcome === "nobody") return outcome;
    if (outcome instanceof Unreachable) return { refused: whyUnreachable(outcome.reason), isSaid: false };
    if (!(outcome instanceof GroupMember)) return { refused: whyRefused(this.#shape, outcome), isSaid: true };
    this.#member = outcome;
    this.#inherited = undefined;
    this.#worker = outcome.worker;
    return "joined";
  }

  /** All metrics of the group; undefined while this process is alone. */
  async collect(timeoutMs: number): Promise<ScopeMetrics[] | undefined> {
    return this.#server?.collect(timeoutMs);
  }

  /** Leaves the group: its counts stay with those who are left. */
  close(): void {
    this.#stopListening();
    this.#server?.close();
    this.#member?.close();
  }

  /** Node warns of the eleventh listener: ours is not to be the one that is too many. */
  #listenToExit(): void {
    if (this.#exits) return;
    this.#exits = true;
    addToMaxListeners(1);
    process.once("exit", this.#onExit);
  }

  #stopListening(): void {
    if (!this.#exits) return;
    this.#exits = false;
    process.off("exit", this.#onExit);
    addToMaxListeners(-1);
  }

  readonly #onExit = (): void => {
    try {
      this.#server?.endNow();
      this.#member?.endNow();
    } catch {
      // an exception here would change the exit code
    }
  };

  #options(port: number): ServerOptions {
    const { config, own, changes, log, nowMs, onOverflow, onFailure } = this.#settings;
    const group: GroupOptions = {
      boundaries: config.durationBuckets,
      maxLabelSets: config.maxLabelSets,
      labels: redLabels(config.serviceName, config.pathLabel),
      nowMs,
      onOverflow,
    };
    return {
      group,
      shape: this.#shape,
      identity: this.#identity,
      own,
      changes,
      point: new MeetingPoint(config.prometheusHost, port),
      log,
      onShared: () => this.#listenToExit(),
      onFailure,
    };
  }
}

/** 0 is no limit. */
function addToMaxListeners(more: number): void {
  const most = process.getMaxListeners();
  if (most > 0) process.setMaxListeners(most + more);
}
