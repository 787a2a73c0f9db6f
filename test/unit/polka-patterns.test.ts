/** Patterns of polka 1, read back from what polka itself has made of them. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { parsedPattern } from "../../src/instrumentation/routes/polka-patterns.ts";

interface Polka {
  readonly routes: readonly { readonly pattern: RegExp; readonly keys: readonly string[] | false }[];
  get(pattern: string | RegExp, handler: () => void): Polka;
  use(pattern: string, handler: () => void): Polka;
}
const polka: () => Polka = createRequire(import.meta.url)("polka1");

describe("parsedPattern", () => {
  for (const pattern of [
    "/",
    "/users",
    "/users/:id",
    "/users/:id/books/:title?",
    "/files/*",
    "/files/*?",
    "/films/:name.mp4",
    "/v1.2/:id",
    /^[/]media[/](?<file>.+)$/,
  ])
    it(`${pattern}: as it was written`, () => {
      const [route] = polka().get(pattern, () => {}).routes;
      assert.ok(route);
      assert.deepEqual(parsedPattern(route.pattern, route.keys), { text: String(pattern), isMount: false });
    });

  it("tells a mount from a route", () => {
    const route = polka()
      .use("/users/:id", () => {})
      .routes.at(-1);
    assert.ok(route);
    assert.deepEqual(parsedPattern(route.pattern, route.keys), { text: "/users/:id", isMount: true });
  });
});
