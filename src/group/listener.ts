/**
 * The socket at which the serving process takes in members. Who holds the port of the endpoint may take the path of the
 * socket: what is there was left by a process that has died.
 */
import { lstatSync, renameSync, unlinkSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { Watch } from "../node/listening.ts";
import { type MeetingPoint, makeFolder, watchFolder } from "./meeting-point.ts";

/** Members are processes and threads of one service; each takes a file descriptor. */
const MOST_CONNECTIONS = 1024;

export interface ListenerOptions {
  readonly point: MeetingPoint;
  readonly onConnection: (socket: Socket) => void;
  /** Takes the reason why no process can join, when that begins. */
  readonly onFailure: (error: unknown) => void;
}

export class Listener {
  readonly #options: ListenerOptions;
  #server: Server | undefined;
  #path: string | undefined;
  #inode = 0;
  #watch: Watch | undefined;
  #closed = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Whether another process has served before, and has had members. */
  get isLeftOver(): boolean {
    return this.#options.point.paths.some((path) => inodeOf(path) !== 0 || inodeOf(left(path)) !== 0);
  }

  /** At the first path that can be used. Returns at once; whether it listens is known then. */
  listen(): void {
    if (this.#closed) return;
    let failure: unknown;
    for (const path of this.#options.point.paths) {
      try {
        makeFolder(path);
        for (const old of [path, left(path)]) if (inodeOf(old) !== 0) unlinkSync(old);
        this.#listenAt(path);
        return;
      } catch (error) {
        failure ??= error;
      }
    }
    this.#options.onFailure(failure);
  }

  #listenAt(path: string): void {
    const server = createServer(this.#options.onConnection);
    let failure: unknown = new Error(`${path} cannot be listened at`);
    server.on("error", (error) => {
      failure = error;
    });
    server.maxConnections = MOST_CONNECTIONS;
    // in a worker of a cluster the primary would have it, if it was not exclusive
    server.listen({ path, exclusive: true });
    if (!server.listening) throw failure;
    server.unref();
    this.#server = server;
    this.#path = path;
    this.#inode = inodeOf(path);
    // each scrape checks, too
    this.#watch = watchFolder(path, () => this.check());
  }

  /** Listens anew where somebody has removed the socket, or its folder. */
  check(): void {
    if (this.#closed || this.#path === undefined || inodeOf(this.#path) === this.#inode) return;
    this.#stop();
    this.listen();
  }

  /** @param isLast whether nobody is left who could serve. Else the next one can see that there is a group. */
  close(isLast: boolean): void {
    this.#closed = true;
    if (!isLast && this.#path !== undefined && inodeOf(this.#path) === this.#inode)
      renameSync(this.#path, left(this.#path));
    this.#stop();
  }

  #stop(): void {
    this.#watch?.stop();
    this.#server?.close();
    this.#server = undefined;
  }
}

/** What becomes of a socket whose process ends while there are members: Node removes it where it was. */
function left(path: string): string {
  return `${path}.left`;
}

/** 0 where there is none. */
function inodeOf(path: string): number {
  try {
    return lstatSync(path).ino;
  } catch {
    return 0;
  }
}
