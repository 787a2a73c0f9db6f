/**
 * The labels of paths of words and common identifiers, found again by their segments: no string is built, cut or hashed
 * for a request whose path has a label already.
 */
import type { LabelPath } from "../../../view/label-sets.ts";
import { endOfIdentifier, endOfWord, ID, NONE } from "./plain-paths.ts";

const SLASH = 47;
/** A power of two. Where there are many words in one node they differ in length, and in their first and last characters. */
const BUCKETS = 16;
/** Past that it is quicker to look a label up by its text. */
const MOST_IN_BUCKET = 16;

interface Word {
  readonly word: string;
  readonly node: PathNode;
}

/** What has been seen so far of a path, from its first segment on. */
class PathNode {
  label: LabelPath | undefined;
  identifier: PathNode | undefined;
  /** Most nodes are the end of a path. */
  #words: (Word[] | undefined)[] | undefined;

  /** Hot path. What follows the word that stands there in the text. */
  behind(text: string, start: number, end: number): PathNode | undefined {
    const bucket = this.#words?.[bucketOf(text, start, end)];
    if (bucket === undefined) return undefined;
    for (let i = 0; i < bucket.length; i++) {
      const { word, node } = bucket[i] as Word;
      if (word.length === end - start && text.startsWith(word, start)) return node;
    }
    return undefined;
  }

  behindIdentifier(): PathNode {
    this.identifier ??= new PathNode();
    return this.identifier;
  }

  /** Undefined where there are too many words already. */
  add(word: string): PathNode | undefined {
    this.#words ??= new Array(BUCKETS).fill(undefined);
    const index = bucketOf(word, 0, word.length);
    const bucket = this.#words[index] ?? [];
    this.#words[index] = bucket;
    if (bucket.length >= MOST_IN_BUCKET) return undefined;
    const node = new PathNode();
    bucket.push({ word, node });
    return node;
  }
}

function bucketOf(text: string, start: number, end: number): number {
  return (end - start + text.charCodeAt(start) + text.charCodeAt(end - 1)) & (BUCKETS - 1);
}

export class KnownPaths {
  readonly #root = new PathNode();

  /** Hot path (per request to a server without a router). @param target as received, with its query */
  find(target: string): LabelPath | undefined {
    const query = target.indexOf("?");
    const end = query === -1 ? target.length : query;
    if (end < 2 || target.charCodeAt(0) !== SLASH) return undefined;
    let node: PathNode | undefined = this.#root;
    for (let start = 1, next = 0; start <= end; start = next + 1) {
      next = endOfWord(target, start, end);
      if (next !== NONE) node = node.behind(target, start, next);
      else {
        next = endOfIdentifier(target, start, end);
        if (next === NONE) return undefined;
        node = node.identifier;
      }
      if (node === undefined) return undefined;
    }
    return node.label;
  }

  /** Takes a label, unless it has other segments than those, or one of them is among hundreds. */
  add(label: LabelPath): void {
    const [before, ...segments] = label.value.split("/");
    if (before !== "" || segments.some((segment) => segment !== ID && endOfWord(segment, 0, segment.length) === NONE))
      return;
    let node: PathNode | undefined = this.#root;
    for (const segment of segments) {
      node = segment === ID ? node.behindIdentifier() : (node.behind(segment, 0, segment.length) ?? node.add(segment));
      if (node === undefined) return;
    }
    node.label = label;
  }
}
