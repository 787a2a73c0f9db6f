/** From the text of /metrics to the table of the demo, and the comparison with the client's books. */
import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { Books } from "../apps/demo/books.ts";
import { differences } from "../apps/demo/differences.ts";
import { allRoutes, routes } from "../apps/demo/routes.ts";
import { renderTable, spellDuration } from "../apps/demo/table.ts";
import { parseExposition } from "../support/exposition.ts";

const EXPOSITION = `# TYPE http_requests_total counter
http_requests_total{method="POST",status_code="200",path="/pay/:id",service="shop"} 6
http_requests_total{method="POST",status_code="404",path="/pay/:id",service="shop"} 1
http_requests_total{method="POST",status_code="502",path="/pay/:id",service="shop"} 3
http_requests_total{method="GET",status_code="499",path="/pay/:id",service="shop"} 2
http_requests_total{method="GET",status_code="200",path="/items",service="shop"} 4
# TYPE http_errors_total counter
http_errors_total{method="POST",status_code="404",path="/pay/:id",service="shop"} 1
http_errors_total{method="POST",status_code="502",path="/pay/:id",service="shop"} 3
http_errors_total{method="GET",status_code="499",path="/pay/:id",service="shop"} 2
# TYPE http_request_duration_seconds histogram
${histogram('method="POST",status_code="200",path="/pay/:id",service="shop"', [0, 5, 6, 6])}
${histogram('method="POST",status_code="404",path="/pay/:id",service="shop"', [1, 1, 1, 1])}
${histogram('method="POST",status_code="502",path="/pay/:id",service="shop"', [0, 0, 2, 3])}
${histogram('method="GET",status_code="499",path="/pay/:id",service="shop"', [0, 0, 2, 2])}
${histogram('method="GET",status_code="200",path="/items",service="shop"', [4, 4, 4, 4])}
# TYPE http_requests_active gauge
http_requests_active{method="POST",path="/pay/:id",service="shop"} 0
http_requests_active{method="GET",path="/pay/:id",service="shop"} 0
http_requests_active{method="GET",path="/items",service="shop"} 0
# TYPE http_requests_aborted_total counter
http_requests_aborted_total{method="GET",path="/pay/:id",service="shop"} 2
http_requests_aborted_total{method="GET",path="/items",service="shop"} 1
# TYPE otel_red_requests_excluded_total counter
otel_red_requests_excluded_total 7
`;

describe("the demo's table", () => {
  const { samples } = parseExposition(EXPOSITION);

  it("adds up the statuses of each route", () => {
    assert.deepEqual(
      routes(samples).map(({ buckets, ...numbers }) => ({ ...numbers, counts: buckets.map(({ count }) => count) })),
      [
        {
          method: "GET",
          path: "/items",
          requests: 4,
          errors: 0,
          serverErrors: 0,
          aborted: 1,
          inFlight: 0,
          counts: [4, 4, 4, 4],
        },
        {
          method: "GET",
          path: "/pay/:id",
          requests: 2,
          errors: 2,
          serverErrors: 0,
          aborted: 2,
          inFlight: 0,
          counts: [0, 0, 2, 2],
        },
        {
          method: "POST",
          path: "/pay/:id",
          requests: 10,
          errors: 4,
          serverErrors: 3,
          aborted: 0,
          inFlight: 0,
          counts: [1, 6, 9, 10],
        },
      ],
    );
  });

  it("shows rate, errors and quantiles, and all routes in one below", () => {
    const shown = stripVTControlCharacters(renderTable(routes(samples), allRoutes(samples), 8));
    assert.deepEqual(
      shown.split("\n").map((line) => line.trim().split(/ {2,}/)),
      [
        ["method", "path", "requests", "rate/s", "errors", "p50", "p95", "p99", "aborted", "in flight"],
        [shown.split("\n")[1]],
        ["GET", "/items", "4", "0.5", "0", "50.0 ms", "95.0 ms", "99.0 ms", "1", "0"],
        ["GET", "/pay/:id", "2", "0.3", "2", "100.0 %", "3.00 s", "4.80 s", "4.96 s", "2", "0"],
        ["POST", "/pay/:id", "10", "1.3", "4", "40.0 %", "820 ms", "5.00 s", "5.00 s", "0", "0"],
        [shown.split("\n")[5]],
        ["all routes", "16", "2.0", "6", "37.5 %", "640 ms", "5.00 s", "5.00 s", "3", "0"],
        [""],
      ],
    );
  });

  it("counts what is in flight", () => {
    const busy = EXPOSITION.replace(
      'http_requests_active{method="GET",path="/items",service="shop"} 0',
      'http_requests_active{method="GET",path="/items",service="shop"} 3',
    );
    assert.deepEqual(
      routes(parseExposition(busy).samples).map(({ inFlight }) => inFlight),
      [3, 0, 0],
    );
  });

  for (const [seconds, expected] of [
    [Number.NaN, "-"],
    [0.00047, "0.5 ms"],
    [0.0123, "12.3 ms"],
    [0.09994, "99.9 ms"],
    [0.09996, "100 ms"],
    [0.412, "412 ms"],
    [0.9996, "1.00 s"],
    [1.256, "1.26 s"],
    [5, "5.00 s"],
  ] satisfies [number, string][]) {
    it(`spells ${seconds} s as ${expected}`, () => assert.equal(spellDuration(seconds), expected));
  }
});

describe("the client's books against the exposition", () => {
  const lines: [what: string, pattern: RegExp, replacement: string, expected: string[]][] = [
    ["agree", /$^/, "", []],
    [
      "a request too many",
      /(http_requests_total\{.*"502".*\}) 3/,
      "$1 4",
      ['http_requests_total{method="POST",path="/pay/:id",status_code="502"}: 4 in /metrics, 3 in the client\'s books'],
    ],
    [
      "an error that is none",
      /(http_errors_total\{.*"499".*)\n/,
      '$1\nhttp_errors_total{method="GET",status_code="200",path="/items"} 1\n',
      ['http_errors_total{method="GET",path="/items",status_code="200"}: 1 in /metrics, 0 in the client\'s books'],
    ],
    [
      "an abort that is missing",
      /http_requests_aborted_total\{.*items.*\n/,
      "",
      ['http_requests_aborted_total{method="GET",path="/items"}: 0 in /metrics, 1 in the client\'s books'],
    ],
    [
      "a request still in flight",
      /(http_requests_active\{.*items.*\}) 0/,
      "$1 1",
      ['http_requests_active{method="GET",path="/items"}: 1 in /metrics, 0 in the client\'s books'],
    ],
    [
      "an excluded request that is counted",
      /(excluded_total) 7/,
      "$1 6",
      ["otel_red_requests_excluded_total{}: 6 in /metrics, 7 in the client's books"],
    ],
    [
      "another path",
      /(http_requests_total\{.*)items/,
      "$1item",
      [
        'http_requests_total{method="GET",path="/item",status_code="200"}: 4 in /metrics, 0 in the client\'s books',
        'http_requests_total{method="GET",path="/items",status_code="200"}: 0 in /metrics, 4 in the client\'s books',
      ],
    ],
    [
      "a histogram that counts one less",
      /"502"(.*le="\+Inf"\}) 3\n(.*)\n(.*) 3/,
      '"502"$1 2\n$2\n$3 2',
      [
        'http_request_duration_seconds_count{method="POST",path="/pay/:id",status_code="502"}: 2 in /metrics, 3 in the client\'s books',
      ],
    ],
  ];
  for (const [what, pattern, replacement, expected] of lines) {
    it(what, () =>
      assert.deepEqual(
        differences(kept(), parseExposition(EXPOSITION.replace(pattern, replacement)).samples),
        expected,
      ),
    );
  }

  it("know their own quantiles by nearest rank", () => {
    const books = new Books();
    assert.ok(Number.isNaN(books.durationQuantile(0.5)));
    for (const durationSeconds of [4, 1, 3, 2])
      books.record({ method: "GET", path: "/", status: 200, aborted: false, durationSeconds });
    assert.deepEqual(
      [0, 0.25, 0.5, 0.51, 1].map((quantile) => books.durationQuantile(quantile)),
      [1, 1, 2, 3, 4],
    );
  });
});

/** What a client would have written down for EXPOSITION. */
function kept(): Books {
  const books = new Books();
  const exchanges: [method: string, path: string, status: number, aborted: boolean, count: number][] = [
    ["POST", "/pay/:id", 200, false, 6],
    ["POST", "/pay/:id", 404, false, 1],
    ["POST", "/pay/:id", 502, false, 3],
    ["GET", "/pay/:id", 499, true, 2],
    ["GET", "/items", 200, false, 3],
    ["GET", "/items", 200, true, 1],
  ];
  for (const [method, path, status, aborted, count] of exchanges) {
    for (let i = 0; i < count; i++) books.record({ method, path, status, aborted, durationSeconds: 0.1 });
  }
  books.excluded = 7;
  return books;
}

function histogram(labels: string, [first, second, third, all]: [number, number, number, number]): string {
  const buckets = [
    ["0.1", first],
    ["1", second],
    ["5", third],
    ["+Inf", all],
  ].map(([bound, count]) => `http_request_duration_seconds_bucket{${labels},le="${bound}"} ${count}`);
  return [
    ...buckets,
    `http_request_duration_seconds_sum{${labels}} 1`,
    `http_request_duration_seconds_count{${labels}} ${all}`,
  ].join("\n");
}
