/** A peer that is written by hand, at the socket where the members of a group meet. */
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { encode, Frames, type Hello, type Message, PROTOCOL, type Refused } from "../../../src/group/protocol.ts";
import { until } from "../until.ts";

const DEADLINE_MS = 10_000;

/** The folders where sockets may be, of this user or of another one. */
export function socketFolders(uid = process.geteuid?.()): string[] {
  return ["/tmp", "/dev/shm"].map((parent) => join(parent, `otel-red-${uid}`));
}

/** Resolves with the path of the socket of the group at that port, once it is there. */
export function socketOf(metricsPort: number, uid?: number): Promise<string> {
  return until(`a socket of the group at port ${metricsPort}`, DEADLINE_MS, async () => {
    for (const folder of socketFolders(uid)) {
      try {
        const name = readdirSync(folder).find((each) => each.startsWith(`${metricsPort}-`));
        if (name !== undefined) return join(folder, name);
      } catch {
        // no such folder
      }
    }
    return undefined;
  });
}

export class Peer {
  readonly socket: Socket;
  readonly received: Message[] = [];

  private constructor(socket: Socket, reads: boolean) {
    this.socket = socket;
    socket.on("error", () => {}); // the other side has closed
    const frames = new Frames();
    if (reads)
      socket.on("data", (chunk) => {
        for (const { message } of frames.take(chunk)) this.received.push(message);
      });
  }

  static async connect(path: string, reads = true): Promise<Peer> {
    const socket = connect(path);
    await once(socket, "connect");
    return new Peer(socket, reads);
  }

  send(message: unknown, numbers: readonly Float64Array[] = []): void {
    this.socket.write(encode(message as Message, numbers));
  }

  answer<Type extends Message["type"]>(type: Type): Promise<Extract<Message, { type: Type }>> {
    return until(`the message ${type}`, DEADLINE_MS, async () => {
      return this.received.find((message) => message.type === type) as Extract<Message, { type: Type }> | undefined;
    });
  }

  /** Resolves when the other side has closed the connection. */
  async closed(): Promise<void> {
    await until("the group closes the connection", DEADLINE_MS, async () => this.socket.destroyed || undefined);
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** What a real member of the group would say first. The group tells its shape to whom it refuses. */
export async function helloFor(path: string, id = "by-hand"): Promise<Hello> {
  const shape = { service: "unknown", folder: "", pathLabel: "", durationBuckets: [] };
  const identity = { id, pid: process.pid, thread: 0, isPrimary: false };
  const hello: Hello = { type: "hello", protocol: PROTOCOL, shape, identity };
  const peer = await Peer.connect(path);
  peer.send(hello);
  const refused: Refused = await peer.answer("refused");
  peer.destroy();
  return { ...hello, shape: refused.shape };
}
