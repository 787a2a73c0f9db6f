/** Peers that are broken or hostile, of the same user, and folders that cannot be used: neither page nor application suffers. */
import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { type Hello, PROTOCOL } from "../../src/group/protocol.ts";
import { REGISTER } from "../support/app.ts";
import { freePort } from "../support/free-port.ts";
import { Books } from "../support/processes/books.ts";
import { members, pageEqualsBooks } from "../support/processes/page.ts";
import { helloFor, Peer, socketFolders, socketOf } from "../support/processes/peer.ts";
import { type Service, startService } from "../support/processes/service.ts";
import { startWatch } from "../support/processes/watch.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 30_000;

function header(length: number, textLength: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt32LE(textLength, 4);
  return bytes;
}

const EMPTY = {
  operations: [],
  labelSets: [],
  templates: [],
  rows: [],
  aborted: [],
  excluded: 0,
  parserErrors: [],
  exemplars: [],
  startedAtMs: 1,
  metrics: [],
};
const counted = (change: object) => ({ type: "counted", isComplete: false, change: { ...EMPTY, ...change } });

interface Row {
  readonly title: string;
  /** Instead of a first message. */
  readonly bytes?: Buffer;
  /** In its first message, beside what a real member would say. */
  readonly hello?: object;
  /** After a first message that the group likes. */
  readonly messages?: readonly unknown[];
  readonly numbers?: Float64Array;
  /** Whether the group closes the connection. Undefined where both do. */
  readonly isClosed?: boolean;
  /** On stderr. Default: nothing. */
  readonly says?: RegExp;
  readonly reads?: false;
}

/** A well-formed metric of the application, under a name that is taken. */
const OURS = {
  scope: { name: "app", version: "", schemaUrl: "" },
  descriptor: { name: "http_requests", description: "", unit: "", valueType: 1 },
  kind: "gauge",
  boundaries: [],
  points: [{ key: "[]", value: 1 }],
};

// biome-ignore format: a table, one row a line
const PEERS: readonly Row[] = [
  { title: "garbage", bytes: Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1000)), isClosed: true },
  { title: "a frame of 1 GB", bytes: header(2 ** 30, 16), isClosed: true },
  { title: "a frame of 4 GB", bytes: header(2 ** 32 - 1, 2 ** 32 - 1), isClosed: true },
  { title: "a text longer than its frame", bytes: header(8, 16), isClosed: true },
  { title: "no JSON", bytes: Buffer.concat([header(8, 8), Buffer.from("{{{{{{{{")]), isClosed: true },
  { title: "JSON without a message", bytes: Buffer.concat([header(4, 4), Buffer.from("null")]), isClosed: true },
  { title: "a hello without anything", bytes: Buffer.concat([header(16, 16), Buffer.from('{"type":"hello"}')]), isClosed: true },
  { title: "half a frame, and silence", bytes: header(100, 100), isClosed: true },
  { title: "nothing", bytes: Buffer.alloc(0), isClosed: true },
  { title: "a hello, and silence", messages: [], isClosed: false },
  { title: "a hello, and never reads", messages: [], reads: false, isClosed: false },
  { title: "rows that are nowhere", messages: [counted({ rows: [5, 1e9, -1, 0.5, null] })], numbers: new Float64Array(100), isClosed: true },
  { title: "label sets of no operation", messages: [counted({ labelSets: [[null, 99, 7, -1, "x"]], rows: [0] })], isClosed: true },
  { title: "operations that are none", messages: [counted({ operations: [1, null, "x", {}] })], isClosed: true },
  { title: "changes that are none", messages: [{ type: "counted", isComplete: true, change: null }], isClosed: true },
  { title: "metrics that are none", messages: [counted({ metrics: [["key", null]] })], isClosed: true },
  { title: "a metric with an endless name", messages: [counted({ metrics: [["k", { scope: {}, descriptor: { name: "x".repeat(1e6) }, kind: "counter", boundaries: [], points: [{ key: "[", value: 1 }] }]] })], isClosed: true },
  { title: "a copy that is none", messages: [{ type: "copy", isComplete: true, lineage: 7, joined: "x", ended: null, members: 4 }], isClosed: true },
  { title: "a worker that is no number", hello: { worker: '1"} x' }, messages: [], isClosed: false },
  { title: "a negative worker", hello: { worker: -5 }, messages: [], isClosed: false },
  { title: "an identity that is none", hello: { identity: null }, messages: [], isClosed: true },
  { title: "an id that is none", hello: { identity: { id: {}, pid: "x", thread: -1, isPrimary: "y" } }, messages: [] },
  { title: "a path with quotes and line feeds", messages: [counted({ operations: [['a"}\n# TYPE b', "route", 0, 0]], labelSets: [[0, 200]], rows: [] })], isClosed: false },
  { title: "a method that is none", messages: [counted({ operations: [["/x", "route", 0, 99]], labelSets: [["/x", "route", 0, 99, 200]], rows: [0] })], numbers: new Float64Array(64), isClosed: true },
  { title: "excluded requests that are no number", messages: [counted({ excluded: "x" })] },
  { title: "parser errors that are none", messages: [counted({ parserErrors: [[400, "x"], null] })], isClosed: true },
  { title: "templates without end", messages: [counted({ templates: Array.from({ length: 100_000 }, (_, i) => `/${i}`) })], isClosed: false },
  { title: "the name of a family of ours", messages: [counted({ metrics: [["k", OURS]] })], isClosed: false, says: /^otel-red: the instrument http_requests is not on .*\n$/ },
  { title: "a message of no type", messages: [{ type: "constructor" }], isClosed: false },
];

describe("a peer that sends", function hostile() {
  this.timeout(60_000);
  let service: Service;
  let path: string;
  let hello: Hello;
  let books: Books;

  beforeEach(async () => {
    books = new Books();
    service = await startService("fork.cjs", { env: { CHILDREN: "2" } });
    await service.joined(3);
    path = await socketOf(service.metricsPort);
    hello = await helloFor(path);
  });
  afterEach(() => service?.stop());

  for (const { title, bytes, hello: asked, messages, numbers, isClosed, reads, says } of PEERS)
    it(title, async () => {
      await using watch = startWatch(service.metricsPort);
      const peer = await Peer.connect(path, reads ?? true);
      if (bytes === undefined) peer.send({ ...hello, identity: { ...hello.identity, id: title }, ...asked });
      else peer.socket.write(bytes);
      for (const message of messages ?? []) peer.send(message, numbers === undefined ? [] : [numbers]);
      await books.askMany(service.urls, 9);
      await pageEqualsBooks(service.metricsPort, books);
      if (isClosed) await peer.closed();
      peer.destroy();
      await until("the real members are there", DEADLINE_MS, async () => {
        return members(await service.page(), "fresh") === 3 || undefined;
      });
      await books.askMany(service.urls, 3);
      await pageEqualsBooks(service.metricsPort, books);
      const { decreases, longestScrapeMs } = await watch.stop();
      assert.deepEqual(decreases, []);
      assert.ok(longestScrapeMs < 1_500, `a scrape took ${longestScrapeMs} ms`);
      assert.match(service.stderr(), says ?? /^$/);
    });

  it("a hello of another version is refused, and the page goes on", async () => {
    const peer = await Peer.connect(path);
    peer.send({ ...hello, protocol: PROTOCOL + 1 });
    assert.equal((await peer.answer("refused")).protocol, PROTOCOL);
    peer.destroy();
    await pageEqualsBooks(service.metricsPort, books);
  });

  it("200 connections without a word", async () => {
    const peers = await Promise.all(Array.from({ length: 200 }, () => Peer.connect(path)));
    await books.askMany(service.urls, 9);
    await pageEqualsBooks(service.metricsPort, books);
    for (const peer of peers) peer.destroy();
    await service.joined(3);
  });
});

/** A user without a folder, where this process may become one; else this user, whose folder the other tests share. */
const USER = process.geteuid?.() === 0 ? 54_321 : undefined;
const AS_USER =
  USER === undefined
    ? {}
    : {
        node: "setpriv",
        flags: [`--reuid=${USER}`, `--regid=${USER}`, "--clear-groups", process.execPath, "--require", REGISTER],
      };
const [IN_TMP, IN_MEMORY] = socketFolders(USER) as [string, string];

function own(path: string): void {
  if (USER !== undefined) chownSync(path, USER, USER);
}

interface FolderRow {
  readonly title: string;
  /** Prepares the folder. */
  readonly prepare: (folder: string) => void;
}

// biome-ignore format: a table, one row a line
const FOLDERS: readonly FolderRow[] = [
  { title: "is a file", prepare: (folder) => writeFileSync(folder, "") },
  { title: "is a symbolic link", prepare: (folder) => symlinkSync("/tmp", folder) },
  { title: "can be entered by others", prepare: (folder) => { mkdirSync(folder); own(folder); chmodSync(folder, 0o755); } },
  { title: "belongs to another user", prepare: (folder) => { mkdirSync(folder, { mode: 0o700 }); if (USER === undefined) chmodSync(folder, 0o777); } },
];

describe("the folder of the socket", () => {
  const running: Service[] = [];
  const clear = () => {
    for (const folder of [IN_TMP, IN_MEMORY]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  beforeEach(clear);
  afterEach(async () => {
    await Promise.all(running.splice(0).map((service) => service.stop()));
    clear();
  });

  const start = async (metricsPort: number, env = {}) => {
    const service = await startService("server.cjs", { metricsPort, ...AS_USER, env });
    running.push(service);
    return service;
  };

  for (const { title, prepare } of FOLDERS) {
    it(`${title}: the other one is used`, async () => {
      prepare(IN_TMP);
      const metricsPort = await freePort(0);
      const first = await start(metricsPort);
      const second = await start(metricsPort);
      await first.joined(2);
      const books = new Books();
      await books.askMany([...first.urls, ...second.urls], 10);
      await pageEqualsBooks(metricsPort, books);
      assert.deepEqual([first.stderr(), second.stderr()], ["", ""]);
    });

    it(`${title}, and so does the other: each process says it in one line, and the first one serves its own`, async () => {
      prepare(IN_TMP);
      prepare(IN_MEMORY);
      const metricsPort = await freePort(0);
      const first = await start(metricsPort);
      await first.joined(1);
      const second = await start(metricsPort);
      await until("the second one says so", DEADLINE_MS, async () => second.stderr() !== "" || undefined);
      for (const { stderr } of running) assert.match(stderr(), /^(otel-red: .*\n)?$/);
      assert.match(first.stderr() + second.stderr(), /otel-red-/);
      const books = new Books();
      await books.askMany(first.urls, 5);
      await new Books().askMany(second.urls, 5);
      await pageEqualsBooks(metricsPort, books);
    });
  }

  it("is private to its user", async () => {
    const metricsPort = await freePort(0);
    const first = await start(metricsPort);
    await first.joined(1);
    const path = await socketOf(metricsPort, USER);
    assert.ok(path.startsWith(IN_TMP));
    assert.equal(statSync(IN_TMP).mode & 0o777, 0o700);
  });

  for (const { what, remove } of [
    { what: "removed", remove: async () => clear() },
    { what: "emptied", remove: async (port: number) => rmSync(await socketOf(port, USER)) },
  ])
    it(`is ${what}: members stay, and a new one joins`, async () => {
      const metricsPort = await freePort(0);
      const first = await start(metricsPort);
      const second = await start(metricsPort);
      await first.joined(2);
      await using watch = startWatch(metricsPort);
      await remove(metricsPort);
      const third = await start(metricsPort);
      await first.joined(3);
      const books = new Books();
      await books.askMany([...first.urls, ...second.urls, ...third.urls], 12);
      await pageEqualsBooks(metricsPort, books);
      assert.deepEqual((await watch.stop()).decreases, []);
    });

  it("does not depend on TMPDIR", async () => {
    const metricsPort = await freePort(0);
    const first = await start(metricsPort, { TMPDIR: "/nowhere" });
    const second = await start(metricsPort, { TMPDIR: "/dev" });
    await first.joined(2);
    assert.deepEqual([first.stderr(), second.stderr()], ["", ""]);
  });

  it("is not needed by a process that is not allowed to merge", async () => {
    const metricsPort = await freePort(0);
    const first = await start(metricsPort, { RED_PROCESSES: "separate" });
    const second = await start(metricsPort, { RED_PROCESSES: "separate" });
    const books = new Books();
    await books.askMany(second.urls, 5);
    // the next port that is free
    await pageEqualsBooks(metricsPort + 1, books);
    await pageEqualsBooks(metricsPort, new Books());
    assert.deepEqual([first.stderr(), second.stderr()], ["", ""]);
  });
});
