/**
 * Members and the process that serves, over real sockets in a folder of the test's: joining, scrapes, refusals, takeovers,
 * peers that are broken, and a folder that cannot be used.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import type { ScopeMetrics } from "@opentelemetry/sdk-metrics";
import { MeetingPoint } from "../../src/group/meeting-point.ts";
import { GroupMember, type JoinOutcome, join, type Unreachable } from "../../src/group/member.ts";
import { encode, type Hello, PROTOCOL, type Shape } from "../../src/group/protocol.ts";
import { GroupServer, type Inherited, type ServerOptions } from "../../src/group/server.ts";
import { isRed } from "../../src/view/producer.ts";
import { requestCount } from "../../src/view/snapshot.ts";
import { BOUNDARIES, CountingMember, groupOptions, ONE_REQUEST } from "../support/group-member.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 10_000;
const TIMEOUT_MS = 3000;
const SHAPE: Shape = { service: "shop", folder: "", pathLabel: "path", durationBuckets: BOUNDARIES };

describe("a group over sockets", function sockets() {
  this.timeout(20_000);

  let folder: string;
  let said: string[];
  let failures: unknown[];
  let open: { close(): void }[];
  let lost: { readonly id: string; readonly inherited: Inherited | undefined }[];
  beforeEach(() => {
    folder = mkdtempSync(joinPath(tmpdir(), "otel-red-group-"));
    [said, failures, open, lost] = [[], [], [], []];
  });
  afterEach(() => {
    for (const each of open.splice(0).reverse()) each.close();
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true, force: true });
    assert.deepEqual(failures, []);
  });

  const optionsOf = (member: CountingMember, options: Partial<ServerOptions> = {}): ServerOptions => ({
    group: groupOptions(),
    shape: SHAPE,
    identity: member.identity,
    own: member.own,
    changes: member.changes,
    point: new MeetingPoint("localhost", 9464, [folder]),
    log: { error() {}, warn() {}, info: (text) => void said.push(text) },
    onShared() {},
    onFailure: (error) => void failures.push(error),
    ...options,
  });

  function serve(member: CountingMember, inherited?: Inherited, options: Partial<ServerOptions> = {}): GroupServer {
    const server = new GroupServer(optionsOf(member, options), inherited);
    open.push(server);
    return server;
  }

  async function joining(
    member: CountingMember,
    options: Partial<ServerOptions> = {},
    inherited: Inherited | undefined = undefined,
  ): Promise<JoinOutcome> {
    const outcome = await join({
      ...optionsOf(member, options),
      worker: undefined,
      inherited,
      onLost: (inherited) => void lost.push({ id: member.identity.id, inherited }),
    });
    if (outcome instanceof GroupMember) open.push(outcome);
    return outcome;
  }

  const path = () => {
    const [point] = new MeetingPoint("localhost", 9464, [folder]).paths;
    assert.ok(point);
    return point;
  };

  function requests(scopes: readonly ScopeMetrics[] | undefined): Record<string, number> {
    const red = scopes?.find(isRed)?.red;
    assert.ok(red, "this process is alone");
    return Object.fromEntries(
      red.labelSets
        .slice(0, red.count)
        .map(({ attributes }, index) => [String(attributes.path), requestCount(red, index)]),
    );
  }

  const workers = (scopes: readonly ScopeMetrics[] | undefined) =>
    scopes
      ?.flatMap(({ metrics }) => metrics)
      .find(({ descriptor }) => descriptor.name === "otel_red_workers")
      ?.dataPoints.map(({ value }) => value);

  /** A peer that says what the test wants. */
  async function peer(): Promise<Socket> {
    const socket = connect(path());
    open.push({ close: () => void socket.destroy() });
    socket.on("error", () => {});
    await once(socket, "connect");
    return socket;
  }
  const hello = (more: Partial<Hello> = {}): Hello => ({
    type: "hello",
    protocol: PROTOCOL,
    shape: SHAPE,
    identity: { id: "peer", pid: process.pid, thread: 0, isPrimary: false },
    ...more,
  });

  it("is none while a process is alone: it exports for itself", async () => {
    const server = serve(new CountingMember("a"));
    assert.equal(await server.collect(TIMEOUT_MS), undefined);
  });

  it("shows what all of them have counted, at every scrape", async () => {
    const [a, b] = [new CountingMember("a"), new CountingMember("b")];
    a.request("/a");
    b.request("/b");
    const server = serve(a);
    const member = await joining(b);
    assert.ok(member instanceof GroupMember);
    assert.equal(member.worker, 2);
    for (let scrape = 1; scrape <= 3; scrape++) {
      const metrics = await server.collect(TIMEOUT_MS);
      assert.deepEqual([requests(metrics), workers(metrics)], [{ "/a": scrape, "/b": scrape }, [2, 0]]);
      a.request("/a");
      b.request("/b");
    }
  });

  it("has room for 64 members, and shows all of them", async () => {
    const server = serve(new CountingMember("a"));
    const members = Array.from({ length: 64 }, (_, index) => new CountingMember(`member ${index}`));
    for (const member of members) member.request("/a");
    const outcomes = await Promise.all(members.map((member) => joining(member)));
    assert.ok(outcomes.every((outcome) => outcome instanceof GroupMember));
    for (const member of members) member.request("/a");
    const metrics = await server.collect(TIMEOUT_MS);
    assert.deepEqual([requests(metrics), workers(metrics)], [{ "/a": 128 }, [65, 0]]);
  });

  it("has what a member has counted without being asked, within a moment", async () => {
    const b = new CountingMember("b");
    const server = serve(new CountingMember("a"));
    assert.ok((await joining(b)) instanceof GroupMember);
    b.request("/b");
    assert.equal(b.changes.isPending, true);
    await until("it is sent", DEADLINE_MS, async () => !b.changes.isPending || undefined);
    b.request("/b");
    await until("it is sent", DEADLINE_MS, async () => !b.changes.isPending || undefined);
    assert.deepEqual(requests(await server.collect(TIMEOUT_MS)), { "/b": 2 });
  });

  it("keeps what a member has counted that ends", async () => {
    const b = new CountingMember("b");
    const server = serve(new CountingMember("a"));
    const member = await joining(b);
    assert.ok(member instanceof GroupMember);
    b.request("/b");
    member.close();
    await until("it has left", DEADLINE_MS, async () => {
      const metrics = await server.collect(TIMEOUT_MS);
      return (requests(metrics)["/b"] === 1 && workers(metrics)?.join() === "1,0") || undefined;
    });
  });

  it("goes on with its numbers when the process ends that serves", async () => {
    const members = ["a", "b", "c"].map((id) => new CountingMember(id));
    const [a, b, c] = members as [CountingMember, CountingMember, CountingMember];
    for (const member of members) member.request("/a");
    const server = serve(a);
    for (const member of [b, c]) assert.ok((await joining(member)) instanceof GroupMember);
    assert.deepEqual(requests(await server.collect(TIMEOUT_MS)), { "/a": 3 });
    a.request("/a");
    server.close();
    await until("both have heard of it", DEADLINE_MS, async () => lost.length === 2 || undefined);
    const [standby] = lost;
    assert.ok(standby?.inherited);
    const [next, other] = standby.id === "b" ? [b, c] : [c, b];
    const second = serve(next, standby.inherited);
    assert.deepEqual(requests(await second.collect(TIMEOUT_MS)), { "/a": 4 });
    other.request("/a");
    assert.ok((await joining(other)) instanceof GroupMember);
    assert.deepEqual(requests(await second.collect(TIMEOUT_MS)), { "/a": 5 });
  });

  it("goes on in a new process that was quicker than the standby: it waits for the copy", async () => {
    const [a, b, c] = [new CountingMember("a"), new CountingMember("b"), new CountingMember("c")];
    a.request("/a");
    b.request("/b");
    const server = serve(a);
    assert.ok((await joining(b)) instanceof GroupMember);
    server.close();
    await until("the member has heard of it", DEADLINE_MS, async () => lost.length > 0 || undefined);
    const newcomer = serve(c);
    const scraped = newcomer.collect(TIMEOUT_MS);
    assert.ok((await joining(b, {}, lost[0]?.inherited)) instanceof GroupMember);
    assert.deepEqual(requests(await scraped), { "/a": 1, "/b": 1 });
  });

  // biome-ignore format: a table, one row a line
  for (const { what, shape } of [
    { what: "another service", shape: { ...SHAPE, service: "mail" } },
    { what: "other buckets", shape: { ...SHAPE, durationBuckets: [1] } },
    { what: "another label", shape: { ...SHAPE, pathLabel: "route" } },
    { what: "another nameless service", shape: { ...SHAPE, folder: "/srv" } },
  ])
    it(`refuses ${what}, and says who serves`, async () => {
      serve(new CountingMember("a"));
      const outcome = await joining(new CountingMember("b"), { shape });
      assert.deepEqual(outcome, { type: "refused", protocol: PROTOCOL, shape: SHAPE, pid: process.pid });
    });

  it("refuses another version of the protocol, and hangs up", async () => {
    serve(new CountingMember("a"));
    const socket = await peer();
    socket.write(encode(hello({ protocol: PROTOCOL + 1 })));
    const answer = String((await once(socket, "data"))[0]);
    assert.match(answer, /"type":"refused"/);
    await once(socket, "close");
  });

  it("takes a member that says nothing for stuck, once, and shows what it knows of it", async () => {
    const server = serve(new CountingMember("a"));
    const socket = await peer();
    socket.write(encode(hello()));
    socket.write(encode({ type: "counted", isComplete: true, change: ONE_REQUEST }, [new Float64Array([7, 0, 0, 1])]));
    await until("it has joined", DEADLINE_MS, async () => workers(await server.collect(TIMEOUT_MS)));
    const metrics = await server.collect(TIMEOUT_MS);
    assert.deepEqual([requests(metrics), workers(metrics)], [{ "/a": 7 }, [1, 1]]);
    socket.write(
      encode({ type: "counted", isComplete: false, change: { ...ONE_REQUEST, operations: [], labelSets: [] } }, [
        new Float64Array([8, 0, 0, 1]),
      ]),
    );
    await until(
      "it is fresh again",
      DEADLINE_MS,
      async () => requests(await server.collect(TIMEOUT_MS))["/a"] === 8 || undefined,
    );
  });

  // biome-ignore format: a table, one row a line
  for (const { what, bytes } of [
    { what: "garbage", bytes: Buffer.from("GET / HTTP/1.1\r\n\r\n") },
    { what: "a frame of 1 GB", bytes: Buffer.from([0, 0, 0, 64, 1, 0, 0, 0]) },
    { what: "a message that is none", bytes: encode({} as never) },
    { what: "counts before it has joined", bytes: encode({ type: "counted" } as never) },
    { what: "counts that are none", bytes: Buffer.concat([encode(hello()), encode({ type: "counted", change: {} } as never)]) },
  ])
    it(`cuts off a peer that sends ${what}`, async () => {
      const [a, b] = [new CountingMember("a"), new CountingMember("b")];
      b.request("/b");
      const server = serve(a);
      const socket = await peer();
      socket.write(bytes);
      socket.resume();
      await once(socket, "close");
      assert.ok((await joining(b)) instanceof GroupMember);
      assert.deepEqual(requests(await server.collect(TIMEOUT_MS)), { "/b": 1 });
    });

  it("listens again where its folder is removed", async () => {
    serve(new CountingMember("a"));
    rmSync(joinPath(path(), ".."), { recursive: true });
    await until("it listens again", DEADLINE_MS, async () => existsSync(path()) || undefined);
    assert.ok((await joining(new CountingMember("b"))) instanceof GroupMember);
  });

  it("removes its socket when the last one ends, and only then", async () => {
    const server = serve(new CountingMember("a"));
    const member = await joining(new CountingMember("b"));
    assert.ok(member instanceof GroupMember);
    member.close();
    await until(
      "it has left",
      DEADLINE_MS,
      async () => workers(await server.collect(TIMEOUT_MS))?.[0] === 1 || undefined,
    );
    server.close();
    assert.deepEqual(readdirSync(joinPath(path(), "..")), []);
  });

  const unusable: readonly { readonly what: string; readonly prepare: () => void; readonly says: RegExp }[] = [
    { what: "a link", prepare: () => symlinkSync(tmpdir(), joinPath(path(), "..")), says: /only this user can enter/ },
    {
      what: "open to others",
      prepare: () => {
        mkdirSync(joinPath(path(), ".."));
        chmodSync(joinPath(path(), ".."), 0o755);
      },
      says: /only this user can enter/,
    },
  ];
  for (const { what, prepare, says } of unusable)
    it(`says that nobody can join where the folder is ${what}, and nobody does`, async () => {
      prepare();
      const server = serve(new CountingMember("a"));
      assert.match(said.join(), says);
      const outcome = await joining(new CountingMember("b"));
      assert.match(String((outcome as Unreachable).reason), says);
      assert.equal(await server.collect(TIMEOUT_MS), undefined);
    });

  it("says that nobody can join where the path is too long", () => {
    const long = joinPath(folder, "a".repeat(100));
    mkdirSync(long);
    serve(new CountingMember("a"), undefined, { point: new MeetingPoint("localhost", 9464, [long]) });
    assert.match(said.join(), /has \d+ bytes, too many for the path of a Unix socket/);
  });

  it("uses the next folder where the first one cannot be used", async () => {
    const point = new MeetingPoint("localhost", 9464, [joinPath(folder, "missing"), folder]);
    serve(new CountingMember("a"), undefined, { point });
    assert.deepEqual(said, []);
    assert.ok((await joining(new CountingMember("b"), { point })) instanceof GroupMember);
  });
});
