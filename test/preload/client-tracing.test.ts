/** The application's own tracing, with and without outgoing requests being measured: the same spans, the same headers. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { REGISTER, REPOSITORY } from "../support/app.ts";
import { run } from "../support/run.ts";

const APPS = join(REPOSITORY, "test/apps/client");
const TRACING = join(APPS, "tracing.cjs");

interface Traced {
  readonly arrived: Readonly<Record<string, readonly (readonly [header: string, value: string])[]>>;
  readonly spans: readonly { name: string; kind: number; id: string; parent?: string; scope: string }[];
}

/** Identifiers are random: each is replaced by the name of its span, and so is what was sent of it. */
function withoutIds({ arrived, spans }: Traced) {
  const nameOf = new Map(spans.map(({ id, name, kind }, index) => [id, `${name} ${kind} #${index}`]));
  const headers = Object.entries(arrived).map(([call, pairs]) => [
    call,
    pairs.map(([header, value]) => [
      header,
      header === "traceparent" ? (nameOf.get(value.split("-")[2] ?? "") ?? value) : value,
    ]),
  ]);
  return {
    headers: Object.fromEntries(headers),
    spans: spans.map(({ id, parent, ...span }) => ({ ...span, id: nameOf.get(id), parent: nameOf.get(parent ?? "") })),
  };
}

async function traced(flags: readonly string[], script: string, env: NodeJS.ProcessEnv) {
  const { exit, stdout, stderr } = await run({
    flags,
    args: [join(APPS, script)],
    env: { RED_CLIENT_METRICS: "true", OTEL_EXPORTER_PROMETHEUS_PORT: "0", ...env },
  });
  assert.deepEqual([exit, stderr], [0, ""]);
  return withoutIds(JSON.parse(stdout));
}

describe("the application's own tracing", () => {
  for (const script of ["traced-app.cjs", "traced-app.mjs", "traced-by-name.mjs"]) {
    for (const TRACING_KIND of ["by instrumentations", "by-hand"]) {
      const env = { TRACING: TRACING_KIND };
      it(`${script}, ${TRACING_KIND}, is what it is without us, whichever is loaded first`, async () => {
        const alone = await traced(["--require", TRACING], script, env);
        for (const flags of [
          ["--require", TRACING, "--require", REGISTER],
          ["--require", REGISTER, "--require", TRACING],
          ["--require", REGISTER, "--import", TRACING],
          ["--import", TRACING, "--import", REGISTER],
          ["--import", REGISTER, "--import", TRACING],
        ])
          assert.deepEqual(await traced(flags, script, env), alone, flags.join(" "));
      });
    }
  }

  it("sends the identity of its own span, once", async () => {
    const { headers, spans } = await traced(["--require", REGISTER, "--require", TRACING], "traced-app.cjs", {});
    const client = spans.filter(({ kind, scope }) => kind === 2 && scope.includes("http"));
    for (const call of ["http", "options", "fetch"]) {
      const parents = (headers[call] as [string, string][]).filter(([header]) => header === "traceparent");
      assert.equal(parents.length, 1, call);
      assert.match(parents[0]?.[1] ?? "", /^GET 2 #/, call);
    }
    assert.equal(client.length, 3);
    assert.ok(client.every(({ parent }) => parent?.startsWith("parent")));
  });
});
