/**
 * The messages between the members of a group, and how they are framed. docs/architecture.md describes the format.
 *
 * A frame is its length and the length of its text (both 32 bits, little endian), the text (JSON in UTF-8), and numbers
 * (64-bit floats, little endian). The numbers are values of histograms; everything else is in the text.
 */
import type { PathSource } from "../view/label-sets.ts";
import type { Metric } from "./metrics.ts";

/** Members of different versions refuse each other. A change of any message needs the next number. */
export const PROTOCOL = 1;

/** A process or thread, as it introduces itself. */
export interface Identity {
  /** Unique. The same when it joins again, so that nothing is counted twice. */
  readonly id: string;
  readonly pid: number;
  /** Number of the worker thread; 0 is the main thread. */
  readonly thread: number;
  /** Whether it is the primary of a cluster, and serves no traffic. */
  readonly isPrimary: boolean;
}

/** What must be the same in all members of a group. */
export interface Shape {
  readonly service: string;
  /** Empty where the service has a name of its own; else what tells it from other nameless ones. */
  readonly folder: string;
  readonly pathLabel: string;
  readonly durationBuckets: readonly number[];
}

export interface Hello {
  readonly type: "hello";
  readonly protocol: number;
  readonly shape: Shape;
  readonly identity: Identity;
  /** The number that it had in the group before; undefined where there was none. */
  readonly worker?: number | undefined;
}

interface Welcome {
  readonly type: "welcome";
  readonly worker: number;
}

export interface Refused {
  readonly type: "refused";
  readonly protocol: number;
  readonly shape: Shape;
  readonly pid: number;
}

/** `value`, `source`, whether it is an answer without a route, and the index of the method. */
export type OperationDefinition = readonly [string, PathSource, 0 | 1, number];
/** As of its operation, and the status code. */
export type LabelSetDefinition = readonly [...OperationDefinition, number];

/** What has changed in the counts of one member. All numbers are totals, so that nothing is lost or counted twice. */
export interface Change {
  /** New ones, in the order of the member. */
  readonly operations: readonly OperationDefinition[];
  readonly labelSets: readonly LabelSetDefinition[];
  /** Paths that have turned out to be templates. */
  readonly templates: readonly string[];
  /** Positions of the label sets whose values come with the frame, in this order. */
  readonly rows: readonly number[];
  /** Position of an operation, and a number. */
  readonly aborted: readonly (readonly [number, number])[];
  /** Position of an operation, and its requests in flight: all there are. Undefined where nobody has looked. */
  readonly active?: readonly (readonly [number, number])[] | undefined;
  readonly excluded: number;
  /** Status and number. */
  readonly parserErrors: readonly (readonly [number, number])[];
  /** Position of the label set, bucket, trace id, span id, value in seconds, milliseconds since the epoch. */
  readonly exemplars: readonly (readonly [number, number, string, string, number, number])[];
  /** Since the epoch: from when on it counts. */
  readonly startedAtMs: number;
  /** Metrics other than RED that have changed, whole, by their keys. */
  readonly metrics: readonly (readonly [string, Metric])[];
}

/** What a member has counted. */
export interface Counted {
  readonly type: "counted";
  /** Whether it is all there is: what was known of the member before is replaced. */
  readonly isComplete: boolean;
  readonly change: Change;
  /** The scrape that asked for it. Its instruments may be yet to come. */
  readonly alive?: number;
  /** The scrape that asked for it, which need not wait any more. */
  readonly answered?: number;
  /** The member ends, and does not come back. */
  readonly leaves?: true;
}

interface Ask {
  readonly type: "ask";
  readonly scrape: number;
  /** How long the observable instruments of the member may take. */
  readonly timeoutMs: number;
}

/** A member as the standby knows it. */
export interface CopiedMember {
  readonly identity: Identity;
  readonly worker: number;
  readonly isComplete: boolean;
  readonly change: Change;
}

/** What has changed in the group, for the standby; or from a standby, all there is, for a new serving process. */
export interface Copy {
  readonly type: "copy";
  /** Whether it replaces what was copied before. */
  readonly isComplete: boolean;
  /** Of the group. The same for as long as its counts go on. */
  readonly lineage: string;
  /** 0 is the standby that is to take over, 1 the one after it. */
  readonly rank: number;
  readonly joined: number;
  /** Sums of ended members. They come first: their label sets are those of the group, in its order. */
  readonly ended: Change;
  readonly members: readonly CopiedMember[];
  /** Ids of members that are in the sums now. */
  readonly forgotten: readonly string[];
}

/** The receiver is no standby any more, and forgets its copy. */
interface Dismissed {
  readonly type: "dismissed";
}

export type Message = Hello | Welcome | Refused | Counted | Ask | Copy | Dismissed;

/** With the numbers that belong to it. */
export interface Received {
  readonly message: Message;
  readonly numbers: Float64Array;
}

const LENGTHS = 8;
/** A group of 64 members with 10,000 label sets each copies less. */
const LONGEST_FRAME = 256 * 1024 * 1024;

export function encode(message: Message, numbers: readonly Float64Array[] = []): Buffer {
  const text = JSON.stringify(message);
  const textLength = Buffer.byteLength(text);
  const length = numbers.reduce((sum, { byteLength }) => sum + byteLength, textLength);
  const frame = Buffer.allocUnsafeSlow(LENGTHS + length);
  frame.writeUInt32LE(length, 0);
  frame.writeUInt32LE(textLength, 4);
  frame.write(text, LENGTHS);
  let at = LENGTHS + textLength;
  for (const each of numbers) {
    frame.set(new Uint8Array(each.buffer, each.byteOffset, each.byteLength), at);
    at += each.byteLength;
  }
  return frame;
}

/** Puts frames together from what a socket hands over. */
export class Frames {
  #chunks: Buffer[] = [];
  #length = 0;
  #expected = LENGTHS;

  /**
   * @param longest bytes of a frame that are taken
   * @yields the messages that are complete
   * @throws where it is no frame of ours
   */
  *take(chunk: Buffer, longest = LONGEST_FRAME): Generator<Received> {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= this.#expected) {
      const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      this.#chunks = [all];
      const length = all.readUInt32LE(0);
      const textLength = all.readUInt32LE(4);
      if (length > longest || textLength > length || (length - textLength) % 8 !== 0)
        throw new RangeError("not a frame");
      this.#expected = LENGTHS + length;
      if (this.#length < this.#expected) return;
      const frame = all.subarray(LENGTHS, this.#expected);
      const rest = all.subarray(this.#expected);
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#length = rest.length;
      this.#expected = LENGTHS;
      yield { message: messageOf(frame.toString("utf8", 0, textLength)), numbers: floats(frame.subarray(textLength)) };
    }
  }
}

function messageOf(text: string): Message {
  const message: unknown = JSON.parse(text);
  if (typeof message !== "object" || message === null) throw new TypeError("not a message");
  return message as Message;
}

/** A copy: floats may only begin at every eighth byte. */
function floats(bytes: Uint8Array): Float64Array {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return new Float64Array(copy.buffer);
}
