/** The path label of plain servers: what counts as an identifier, what is a word, and that nothing unbounded gets through. */
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { createNormalizer, normalizeSegment } from "../../src/instrumentation/routes/plain/normalizer.ts";

const normalize = createNormalizer();

const UUID = "3f2b1c9d-1a2b-4c3d-8e9f-0123456789ab";
const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.dBjftJeZ4CVP-mB92K27uhbUJU1";
const SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const IDENTIFIERS: Readonly<Record<string, readonly (readonly [segment: string, expected: string])[]>> = {
  "numbers and lists of them": [
    ["42", ":id"],
    ["0", ":id"],
    ["-42", ":id"],
    ["90071992547409931234567890", ":id"],
    ["1,2,3", ":id"],
    ["52.5200", ":id"],
    ["52.5200,13.4050", ":id"],
    ["192.168.1.10", ":id"],
    ["18.2.0", ":id"],
    ["555-0199", ":id"],
  ],
  UUIDs: [
    [UUID, ":id"],
    [UUID.toUpperCase(), ":id"],
    [`{${UUID}}`, ":id"],
    [`urn:uuid:${UUID}`, ":id"],
    [UUID.replaceAll("-", ""), ":id"],
    ["018f3e5c-7b2a-7c3d-9e4f-5a6b7c8d9e0f", ":id"],
    ["00000000-0000-0000-0000-000000000000", ":id"],
    ["ffffffff-ffff-ffff-ffff-ffffffffffff", ":id"],
    ["abcdefab-1234-4123-8123-123456789012", ":id"],
    ["thumb-aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee-large.png", ":id.png"],
  ],
  ULIDs: [
    ["01ARZ3NDEKTSV4RRFFQ69G5FAV", ":id"],
    ["01arz3ndektsv4rrffq69g5fav", ":id"],
    ["01CCPZPARXJKQXYBGDMCHAKDHF", ":id"],
  ],
  hex: [
    ["507f1f77bcf86cd799439011", ":id"],
    ["deadbee1", ":id"],
    ["A1B2C3D4", ":id"],
    ["0xdeadbeef", ":id"],
    [SHA256, ":id"],
  ],
  "dates and timestamps": [
    ["2024-01-31", ":id"],
    ["2024-01", ":id"],
    ["2024-01-31T10:00:00Z", ":id"],
    ["2024-01-31T10:00:00.000Z", ":id"],
    ["2024-01-31T10:00:00+02:00", ":id"],
    ["20240131T100000Z", ":id"],
    ["2024-01-31-release-notes.html", ":id.html"],
  ],
  tokens: [
    [JWT, ":id"],
    ["eyJhbGciOiJub25lIn0.e30.", ":id"],
    ["V1StGXR8_Z5jdHi6B-myT", ":id"],
    ["abc_9s6X-zkNRiz8i3Kdq", ":id"],
    ["cjld2cjxh0000qzrmn831i7rn", ":id"],
    ["tz4a98xxat96iws9zmbrgj3a", ":id"],
    ["4fzAx7Kq9LmT2wYpRs8U", ":id"],
    ["wNxQgVtAbRkLmZqJdEyW", ":id"],
    ["a".repeat(65), ":id"],
    ["a".repeat(10_000), ":id"],
    [`${"a".repeat(60)}.extensions.extensions`, ":id"],
  ],
  "numbers of five digits and more, in whatever": [
    ["RR123456789DE", ":id"],
    ["12345-blue-shoes", ":id"],
    ["blue-suede-shoes-12345", ":id"],
    ["v20240131", ":id"],
    ["item12345", ":id"],
  ],
  "what only data contains": [
    ["jane@example.com", ":id"],
    ["jane%40example.com", ":id"],
    ["caf%C3%A9", ":id"],
    ["café", ":id"],
    ["%FF", ":id"],
    ["a%00b", ":id"],
    ["a\nb", ":id"],
    ["\ud800", ":id"],
    ["group%2Fproject", ":id"],
    ["what%3F", ":id"],
    ["two%20words", ":id"],
    ["page;jsessionid=5AC6", ":id"],
    ["sort=asc", ":id"],
    [":\u0000", ":id"],
  ],
  "percent-encoded identifiers": [
    ["%34%32", ":id"],
    ["%2d42", ":id"],
    [UUID.replaceAll("-", "%2D"), ":id"],
    ["42%2Ejson", ":id.json"],
  ],
  "identifiers behind a word": [
    ["cus_9s6XKzkNRiz8i3", "cus_:id"],
    ["cus_ZDlzWXFAkJPmqa", "cus_:id"],
    ["acct_1032D82eZvKYlo2C", "acct_:id"],
    ["price_1MoBy5LkdIwHu7ixZhnattbh", "price_:id"],
    ["sk_live_51HqLyjWDarjtT1zdp7dc", "sk_live_:id"],
    ["user_01ARZ3NDEKTSV4RRFFQ69G5FAV", "user_:id"],
    ["order_12345", "order_:id"],
    ["order_123", "order_:id"],
    ["my_page_200", "my_page_:id"],
    ["IMG_20240131_101010.jpg", "IMG_:id.jpg"],
    ["report-2024-01-31.pdf", "report-:id.pdf"],
    ["PROJ-1234", "PROJ-:id"],
    ["aBcDeFgHiJkLmNoPqRs_12345", "aBcDeFgHiJkLmNoPqRs_:id"],
    [`user-${UUID}`, "user-:id"],
    ["app-3f2b1c9d.js", "app-:id.js"],
    ["main.3f2b1c9d.chunk.js", "main.:id.chunk.js"],
  ],
  "identifiers before an extension or a verb": [
    ["42.json", ":id.json"],
    ["42.tar.gz", ":id.tar.gz"],
    ["42.mp4", ":id.mp4"],
    ["42.7z", ":id.7z"],
    ["42.geojson", ":id.geojson"],
    [`${UUID}.png`, ":id.png"],
    [`${SHA256}.woff2`, ":id.woff2"],
    ["42:cancel", ":id:cancel"],
  ],
};

const WORDS = `
  feedface defaced decade cafe deadbeef deadbeefcafedeadbeefcafe facade effaced accede
  a1 b2b s3 v1 v2.3 v1beta1 2.0 1.1 2.0-beta api2 h264 mp3 oauth2 utf8 web3 i18n k8s ipv6 sha256 es2022 rfc9110 y2k 3d 2fa
  a1b2c3 face2f2
  user_profile my_page_2 covid-19 utf-8 python-3.12 jquery-3.6.0.min.js top_10 to_h264mp3 ipv4ToIpv6Map user_oauth2callback setup_oauth2callbacks
  how-to-write-a-http-server-in-10-minutes samsung-galaxy-s24-ultra-12gb-256gb-5g top-10-ai-vs-ml-in-b2b-2024
  iPhone-15-Pro-Max-256GB-Blue How-To-Write-A-Http-Server-In-10-Minutes 42-a-title
  getUserProfileByIdOrName ListObjectsV2WithPagination base64EncodedPayload sha256WithRSAEncryption oauth2CallbackRedirectHandler
  XMLHttpRequestURLParserAPI ADMINISTRATORSETTINGSPAGE administratorsettingspage oauth2callbackredirect
  com.example.v1.UserService index.html robots.txt .well-known .env @scope *.js $metadata (group) [slug] {id} ~jane
  %7Ejane %41 %zz % a%4 * : :id :id.json :userId {} -- _ a..b 50x.html app.js.map
`
  .trim()
  .split(/\s+/);

const TARGETS: readonly (readonly [target: string, expected: string])[] = [
  ["/", "/"],
  ["", "/"],
  ["?a=1", "/"],
  ["*", "*"],
  ["*?a=1", "*"],
  ["/users", "/users"],
  ["/users/", "/users"],
  ["/Users", "/Users"],
  ["/users?id=42", "/users"],
  ["/users/42?x=/y/1", "/users/:id"],
  ["/users/42#top?x", "/users/:id"],
  ["/users#/42?x", "/users"],
  ["/api/v1/users/42/orders/order_12345", "/api/v1/users/:id/orders/order_:id"],
  ["http://host/users/42?x=1", "/users/:id"],
  ["https://user:secret@[::1]:8443/users", "/users"],
  ["http://host:1", "/"],
  ["http://host?x=1", "/"],
  ["host.example:443", "/*"],
  ["users/42", "/*"],
  ["\\users", "/*"],
  ["//host//users///42//", "/host/users/:id"],
  ["/a/./b/../c/.", "/a/c"],
  ["/a/%2E/b/%2e./c/.%2E", "/a"],
  ["/../../etc/passwd", "/etc/passwd"],
  ["/a/...", "/a/..."],
  ["/a/b/c/d/e/f/g/h/i/j/k/42", "/a/b/c/d/e/f/g/h/i/j/k/:id"],
  ["/a/b/c/d/e/f/g/h/i/j/k/l/", "/a/b/c/d/e/f/g/h/i/j/k/l"],
  ["/a/b/c/d/e/f/g/h/i/j/k/l/m", "/a/b/c/d/e/f/g/h/i/j/k/l/*"],
  ["/../a/b/c/d/e/f/g/h/i/j/k/l/m", "/a/b/c/d/e/f/g/h/i/j/k/l/*"],
  ["/1/2/3/4/5/6/7/8/9/10/11/12/13/14", `${"/:id".repeat(12)}/*`],
  [`/a/${"../a/".repeat(20)}b`, "/a/b"],
  [`${`/${"x".repeat(62)}`.repeat(4)}/x`, `${`/${"x".repeat(62)}`.repeat(4)}/x`],
  [`${`/${"x".repeat(62)}`.repeat(4)}/xx`, `${`/${"x".repeat(62)}`.repeat(4)}/*`],
  [`/verify/${"A1".repeat(8000)}/done`, "/verify/:id/done"],
  [`/users?${"q".repeat(16_000)}`, "/users"],
];

/** Limits that are promised, and so fixed here rather than imported. */
const MOST_SEGMENTS = 12;
const MOST_CHARS = 256;

describe("normalizeSegment", () => {
  for (const [kind, cases] of Object.entries(IDENTIFIERS))
    describe(`finds ${kind}`, () => {
      for (const [segment, expected] of cases)
        it(`${JSON.stringify(segment).slice(0, 60)}: ${expected}`, () => {
          assert.equal(normalizeSegment(segment), expected);
          assert.equal(normalizeSegment(expected), expected);
        });
    });

  describe("leaves words alone", () => {
    for (const word of WORDS) it(word, () => assert.equal(normalizeSegment(word), word));
  });

  it("leaves nothing as nothing", () => assert.equal(normalizeSegment(""), ""));

  it("takes a slug for words, whatever its small numbers", () => {
    const word = fc.constantFrom("how", "to", "a", "decade", "cafe", "top", "http", "Minutes", "in");
    const parts = fc.array(fc.oneof(word, fc.nat(99).map(String)), { maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom("blog", "The", "best"), parts, fc.constantFrom("-", "_"), (first, rest, dash) => {
        const slug = [first, ...rest].join(dash);
        assert.equal(normalizeSegment(slug), slug);
      }),
    );
  });

  describe("finds nearly all random tokens", () => {
    const lower = "abcdefghijklmnopqrstuvwxyz";
    const base36 = `${lower}0123456789`;
    const base62 = `${base36}${lower.toUpperCase()}`;
    for (const [kind, alphabet, length, prefix] of [
      ["nanoids", `${base62}-_`, 21, ""],
      ["256 bits in base64url", `${base62}-_`, 43, ""],
      ["base62", base62, 22, ""],
      ["cuid2", base36, 24, ""],
      ["Stripe's customers", base62, 14, "cus_"],
    ] as const)
      it(kind, () => {
        const token = fc.array(fc.constantFrom(...alphabet), { minLength: length, maxLength: length });
        const labels = new Set(
          fc.sample(token, { numRuns: 5000, seed: 1 }).map((chars) => normalizeSegment(prefix + chars.join(""))),
        );
        assert.ok(labels.has(`${prefix}:id`));
        assert.ok(labels.size < 0.03 * 5000, `${labels.size} labels, such as ${[...labels].slice(0, 5)}`);
      });
  });
});

describe("createNormalizer", () => {
  for (const [target, expected] of TARGETS)
    it(`${JSON.stringify(target).slice(0, 60)}: ${expected.slice(0, 60)}`, () => {
      assert.equal(normalize(target), expected);
    });

  /** Anything, and things that look like a target: pieces that the rules care about, in any order. */
  const anyTarget = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.array(fc.nat(0xffff), { maxLength: 100 }).map((codes) => `/${String.fromCharCode(...codes)}`),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc
      .array(
        fc.oneof(
          {
            weight: 4,
            arbitrary: fc.constantFrom(
              ...WORDS,
              ...Object.values(IDENTIFIERS)
                .flat()
                .map(([segment]) => segment),
            ),
          },
          {
            weight: 4,
            arbitrary: fc.constantFrom(..."//////....:_-@%*;0a1bZ", "..", "%2e", "%00", "%C3", "%", "\ud800", "\0"),
          },
          { weight: 1, arbitrary: fc.string({ maxLength: 90 }) },
        ),
        { maxLength: 60 },
      )
      .map((pieces) => `/${pieces.join("")}`),
  );

  it("gives a bounded, printable label for anything", () => {
    fc.assert(
      fc.property(anyTarget, (target) => {
        const label = normalize(target);
        assert.match(label, /^(?:\*|\/[!-~]*)$/);
        assert.doesNotMatch(label, /[?#]|\/\/|\/\.{1,2}(?:\/|$)|.\/$/);
        assert.ok(label.length <= MOST_CHARS, label);
        assert.ok(label.split("/").length - 1 <= MOST_SEGMENTS + 1, label);
      }),
      { numRuns: 3000 },
    );
  });

  it("changes nothing in its own labels", () => {
    fc.assert(
      fc.property(anyTarget, (target) => {
        const label = normalize(target);
        assert.equal(normalize(label), label);
      }),
      { numRuns: 3000 },
    );
  });

  it("ignores the query and the fragment", () => {
    fc.assert(
      fc.property(anyTarget, fc.constantFrom("?", "#"), fc.string({ unit: "binary" }), (target, mark, data) => {
        assert.equal(normalize(target + mark + data), normalize(target));
      }),
    );
  });

  it("gives one label for all identifiers in one place", () => {
    const hex = fc.array(fc.constantFrom(..."0123456789abcdef"), { minLength: 24, maxLength: 24 });
    const identifier = fc.oneof(
      fc.uuid(),
      fc.uuid().map((uuid) => uuid.replaceAll("-", "").toUpperCase()),
      fc.ulid(),
      hex.map((chars) => chars.join("")).filter((objectId) => /\d/.test(objectId)),
      fc.bigInt().map(String),
      fc.date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true }).map((date) => date.toISOString()),
    );
    const words = fc.array(fc.constantFrom("users", "v1", "feedface", "2fa", "my_page_2"), { maxLength: 5 });
    fc.assert(
      fc.property(words, identifier, words, (before, id, after) => {
        const path = (segment: string) => ["", ...before, segment, ...after].join("/");
        assert.equal(normalize(path(id)), path(":id"));
        assert.equal(normalize(path(id.replaceAll(/[-0-9]/g, percentEncoded))), path(":id"));
      }),
      { numRuns: 1000 },
    );
  });

  it("does not keep a long target alive with its label", () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage: () => void = runInNewContext("gc");
    const heapUsedBytes = () => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = heapUsedBytes();
    const labels = new Set<string>();
    for (let i = 0; i < 400; i++) {
      const word = `a-longer-word${String.fromCharCode(97 + (i % 20), 97 + i / 20)}`;
      labels.add(normalize(Buffer.from(`/${word}?${"q".repeat(16_000)}`).toString()));
    }
    const keptBytes = heapUsedBytes() - before;
    assert.equal(labels.size, 400);
    assert.ok(keptBytes < 2e6, `${keptBytes} bytes`); // the targets are 6.4 MB
  });

  it("gives words as they come, wherever they stand", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...WORDS.filter((word) => word.length < 20)), { minLength: 1, maxLength: 12 }),
        (words) => {
          const path = `/${words.join("/")}`;
          assert.equal(normalize(path), path);
        },
      ),
    );
  });

  describe("with patterns", () => {
    for (const [what, patterns, target, expected] of [
      [
        "come before the rules",
        [[/^\/shops\/[^/]+/, "/shops/:shop"]],
        "/shops/acme/items/42?x=1",
        "/shops/:shop/items/:id",
      ],
      ["see the path without query", [[/x=1/, ":never"]], "/users?x=1", "/users"],
      ["see the path of an absolute target", [[/^\/t\/\w+/, "/t/:tenant"]], "http://host/t/acme", "/t/:tenant"],
      [
        "may use what they captured",
        [[/^\/(\w+)\/in\/(?<city>\w+)$/, "/$<city>/of/$1"]],
        "/hotels/in/Rome",
        "/Rome/of/hotels",
      ],
      [
        "are applied in turn",
        [
          [/^\/a\b/, "/b"],
          [/^\/b\b/, "/c"],
        ],
        "/a/x",
        "/c/x",
      ],
      ["replace the first match", [[/tag-\w+/, ":tag"]], "/tag-a/tag-b", "/:tag/tag-b"],
      ["replace every match if global", [[/tag-\w+/g, ":tag"]], "/tag-a/tag-b", "/:tag/:tag"],
      ["have their result judged", [[/^\/old/, "/42/café?x"]], "/old", "/:id/:id"],
      ["keep what they mark", [[/^\/old/, "/:12345/*/x"]], "/old/7", "/:12345/*/x/:id"],
      ["may keep braces", [[/^\/users\/\w+/, "/users/{id}"]], "/users/jane", "/users/{id}"],
      ["need no leading slash", [[/^\/a/, "b"]], "/a/c", "/b/c"],
      ["may remove everything", [[/.*/s, ""]], "/a/c", "/"],
      ["do not see '*'", [[/\*/, "/all"]], "*", "*"],
      [
        "may outgrow the limits",
        [
          [/./g, "$&/$&/$&/"],
          [/./g, "$&/$&/$&/"],
        ],
        `/${"a".repeat(900)}`,
        `${"/a".repeat(12)}/*`,
      ],
      ["see long paths shortened", [[/^\/a\/.*\/z$/, "/:whole"]], `/a${"/x".repeat(600)}/z`, `/a${"/x".repeat(11)}/*`],
    ] as const)
      it(what, () => {
        const normalize = createNormalizer(patterns.map(([pattern, replacement]) => ({ pattern, replacement })));
        assert.equal(normalize(target), expected);
      });

    for (const flags of ["", "g", "y", "gy"])
      it(`answers the same each time, and leaves the given pattern alone: /…/${flags}`, () => {
        const pattern = new RegExp("/t/[a-z]+", flags);
        pattern.lastIndex = 3;
        const normalize = createNormalizer([{ pattern, replacement: "/t/:tenant" }]);
        for (const tenant of ["acme", "globex", "initech"]) assert.equal(normalize(`/t/${tenant}/x`), "/t/:tenant/x");
        assert.equal(pattern.lastIndex, 3);
      });
  });
});

function percentEncoded(char: string): string {
  return `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
