/** The demo's visitors: reproducible, bounded, and honest in their books. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Account, Books } from "../apps/demo/books.ts";
import { Client, type PlannedRequest } from "../apps/demo/client.ts";
import { startShop } from "../apps/demo/shop-process.ts";
import { runTraffic } from "../apps/demo/traffic.ts";

describe("the demo's client", () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const request = { method: "GET", url: "/a/1", path: "/a/:id" } as const;
  for (const [what, listener, planned, expected] of [
    [
      "an answer",
      (_, res) => res.writeHead(201).end("done"),
      request,
      { status: 201, count: 1, aborted: 0, body: "done" },
    ],
    [
      "leaving before the answer",
      () => {},
      { ...request, leaves: "before the answer" },
      { status: 499, count: 1, aborted: 1, body: "" },
    ],
    [
      "leaving in the middle of it",
      (_, res) => res.write("a beginning"),
      { ...request, leaves: "in the middle of it" },
      { status: 200, count: 1, aborted: 1, body: "" },
    ],
  ] satisfies [string, RequestListener, PlannedRequest, object][]) {
    it(`writes down ${what}`, async () => {
      const seen: (string | undefined)[] = [];
      const address = await listen((req, res) => {
        seen.push(`${req.method} ${req.url}`);
        listener(req, res);
      });
      const books = new Books();
      const client = new Client(address, books);
      const { body } = await client.send(planned);
      client.close();
      const [{ durationsSeconds, ...account }, ...others] = books.accounts() as [Account];
      assert.deepEqual([{ ...account, body }, ...others], [{ method: "GET", path: "/a/:id", ...expected }]);
      assert.equal(durationsSeconds.length, 1);
      assert.deepEqual(seen, ["GET /a/1"]);
    });
  }

  it("sends a body as JSON", async () => {
    const address = await listen(
      (req, res) => void req.pipe(res.writeHead(200, { "content-type": req.headers["content-type"] })),
    );
    const client = new Client(address, new Books());
    assert.deepEqual(await client.send({ ...request, method: "POST", body: { cup: "☕" } }), {
      status: 200,
      body: '{"cup":"☕"}',
      aborted: false,
    });
    client.close();
  });

  it("keeps excluded requests apart", async () => {
    const books = new Books();
    const client = new Client(await listen((_, res) => res.end()), books);
    await client.send({ ...request, path: undefined });
    client.close();
    assert.deepEqual([books.excluded, books.accounts()], [1, []]);
  });

  it("fails where the answer comes before the client could leave", async () => {
    const books = new Books();
    const client = new Client(await listen((_, res) => res.end()), books);
    await assert.rejects(
      client.send({ ...request, leaves: "before the answer" }),
      /was answered before the client left/,
    );
    client.close();
    assert.deepEqual(books.accounts(), []);
  });

  it("fails where the server cuts the connection", async () => {
    const books = new Books();
    const client = new Client(await listen((req) => req.socket.destroy()), books);
    await assert.rejects(client.send(request), { code: "ECONNRESET" });
    client.close();
    assert.deepEqual(books.accounts(), []);
  });

  async function listen(listener: RequestListener): Promise<string> {
    server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
});

describe("the demo's traffic", function () {
  this.timeout(30_000);
  const visitors = {
    browser: 6,
    buyer: 12,
    stranger: 1,
    accountant: 1,
    impatient: 1,
    leaver: 1,
    scanner: 2,
    loadBalancer: 3,
  };

  it("is the same for the same seed, and another one for another", async () => {
    const [one, two, other] = await Promise.all([visit(1), visit(1), visit(2)]);
    assert.deepEqual(one, two);
    assert.notDeepEqual(one, other);
    assert.equal(one.excluded, 3);
    const endings = new Set(one.counts.map(({ status }) => status));
    for (const status of [200, 201, 404, 499, 502])
      assert.ok(endings.has(status), `no ${status} among ${[...endings]}`);
    assert.equal(
      one.counts.reduce((sum, { aborted }) => sum + aborted, 0),
      2,
    );
  });

  it("lets nobody in any more when the time is up", async () => {
    const { books, turnedAway } = await runTraffic({
      address: "http://127.0.0.1:1",
      visitors: { browser: 3, buyer: 2 },
      closesAfterMs: 0,
    });
    assert.deepEqual([turnedAway, books.accounts()], [5, []]);
  });

  it("fails where there is no shop", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await assert.rejects(runTraffic({ address: `http://127.0.0.1:${port}`, visitors }), { code: "ECONNREFUSED" });
  });

  it("ends with its signal, whatever is under way", async () => {
    const server = createServer(() => over.abort()).listen(0, "127.0.0.1"); // never answers
    const over = new AbortController();
    await once(server, "listening");
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await assert.rejects(runTraffic({ address, visitors: { browser: 100 }, signal: over.signal }), {
      code: "ECONNRESET",
    });
    await new Promise((resolve) => server.close(resolve));
  });

  async function visit(seed: number): Promise<{ excluded: number; counts: Omit<Account, "durationsSeconds">[] }> {
    const shop = await startShop([], { ...process.env, PORT: "0" });
    try {
      const { books } = await runTraffic({ address: shop.address, visitors, seed });
      return { excluded: books.excluded, counts: books.accounts().map(({ durationsSeconds, ...counts }) => counts) };
    } finally {
      await shop.stop();
    }
  }
});
