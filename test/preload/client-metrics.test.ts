/** Outgoing requests: what is counted is what the caller has booked, request for request. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type App, INSTRUMENTATIONS, REGISTER, REPOSITORY, startApp } from "../support/app.ts";
import { type Sample, series, total } from "../support/exposition.ts";
import { nodeBinary } from "../support/node-versions.ts";
import { run } from "../support/run.ts";

const APPS = join(REPOSITORY, "test/apps/client");
const RED_CLIENT_METRICS = "true";

type Books = Readonly<Record<string, readonly (readonly [method: string, status: number, host: string])[]>>;

function counted(samples: readonly Sample[], name: string): Record<string, number> {
  return Object.fromEntries(
    series(samples, name).map(({ labels, value }) => {
      assert.equal(labels.service, "client");
      return [`${labels.method} ${labels.status_code} ${labels.host}`, value];
    }),
  );
}

function booksOf(app: App): Books {
  const [, books] = /^books (.*)$/m.exec(app.stdout()) ?? [];
  assert.ok(books !== undefined, app.stdout());
  return JSON.parse(books);
}

function booked(books: Books, isBooked: (status: number) => boolean): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [method, status, host] of Object.values(books).flat()) {
    const key = `${method} ${status} ${host}`;
    if (isBooked(status)) counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

async function assertBooks(app: App): Promise<void> {
  const books = booksOf(app);
  const expected = booked(books, () => true);
  const all = Object.values(expected).reduce((sum, count) => sum + count, 0);
  const { samples } = await app.scrapeUntil(
    "all are counted",
    ({ samples }) => total(samples, "http_client_requests_total") >= all,
  );
  assert.deepEqual(counted(samples, "http_client_requests_total"), expected);
  assert.deepEqual(counted(samples, "http_client_request_duration_seconds_count"), expected);
  assert.deepEqual(
    counted(samples, "http_client_errors_total"),
    booked(books, (status) => status === 0 || status >= 400),
  );
  assert.match(app.stderr(), /^otel-red: metrics are served on \S+\n$/);
}

describe("outgoing requests", function () {
  this.timeout(200_000);
  let app: App | undefined;
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });

  for (const instrumentation of INSTRUMENTATIONS) {
    for (const script of ["app.cjs", "app.mjs"]) {
      it(`are those of the caller's books, ${script}, ${instrumentation}`, async () => {
        const env = { RED_CLIENT_METRICS, RED_HTTP_INSTRUMENTATION: instrumentation };
        app = await startApp({ args: [join(APPS, script)], env });
        await assertBooks(app);
      });
    }
  }

  it("are those of the caller's books where it starts us in its code", async () => {
    app = await startApp({ flags: [], args: [join(APPS, "in-code.mjs")], env: { RED_CLIENT_METRICS } });
    await assertBooks(app);
  });

  for (const version of ["20.19.0", "22", "26"]) {
    it(`are those of the caller's books, Node.js ${version}`, async () => {
      app = await startApp({
        node: await nodeBinary(version),
        args: [join(APPS, "app.cjs")],
        env: { RED_CLIENT_METRICS },
      });
      await assertBooks(app);
    });
  }

  it("are measured without a hook into module loading", async () => {
    const HOOKS =
      "[require('node:module').prototype.require, require('node:module')._load, process.getBuiltinModule].join()";
    const [without, measured] = await Promise.all([
      run({ args: ["-p", HOOKS] }),
      run({ args: ["-p", HOOKS], flags: ["--require", REGISTER], env: { RED_CLIENT_METRICS } }),
    ]);
    assert.deepEqual(measured, without);
  });

  it("are nothing to be seen of in a process that is no server", async () => {
    const SCRIPT = "require('http').get('http://127.0.0.1:1').on('error', ({ code }) => console.log(code))";
    const [without, measured] = await Promise.all([
      run({ args: ["-e", SCRIPT] }),
      run({ args: ["-e", SCRIPT], flags: ["--require", REGISTER], env: { RED_CLIENT_METRICS } }),
    ]);
    assert.deepEqual([measured, measured.stderr], [without, ""]);
  });

  it("are not measured unless asked for", async () => {
    app = await startApp({ args: [join(APPS, "app.cjs")] });
    const { samples } = await app.scrape();
    assert.deepEqual(
      samples.filter(({ name }) => name.startsWith("http_client_")),
      [],
    );
  });

  it("past the budget keep their method and status, under another host", async () => {
    const env = { RED_CLIENT_METRICS, RED_MAX_LABEL_SETS: "3" };
    app = await startApp({ args: [join(APPS, "app.cjs")], env });
    const books = booksOf(app);
    const all = Object.values(books).flat().length;
    const { samples } = await app.scrapeUntil(
      "all are counted",
      ({ samples }) => total(samples, "http_client_requests_total") >= all,
    );
    const shown = series(samples, "http_client_requests_total");
    assert.equal(shown.filter(({ labels }) => labels.host !== "other").length, 3);
    assert.equal(total(samples, "http_client_requests_total"), all);
    for (const status of [200, 503, 0])
      assert.equal(
        total(samples, "http_client_requests_total", { status_code: String(status) }),
        Object.values(books)
          .flat()
          .filter(([, booked]) => booked === status).length,
      );
    assert.match(app.stderr(), /RED_MAX_LABEL_SETS=3 is reached: outgoing requests to further hosts .* host="other"/);
  });
});
