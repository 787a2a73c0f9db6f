/** What is written into a page is what is taken out of it, byte for byte. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Page, writeSeries } from "../../src/exporter/prometheus/page.ts";

const page = new Page();

function written(write: () => void): string {
  write();
  return Buffer.from(page.take()).toString();
}

describe("Page", () => {
  it("takes any text as UTF-8, a lone surrogate as U+FFFD", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (one, other) => {
        const expected = one.toWellFormed() + other.toWellFormed();
        const text = written(() => {
          page.text(one);
          page.text(other);
        });
        assert.equal(text, expected);
      }),
    );
  });

  it("takes numbers as JavaScript writes them", () => {
    const whole = fc.oneof(
      fc.integer(),
      fc.maxSafeInteger(),
      fc.nat(100),
      fc.constantFrom(0, -0, 2 ** 31 - 1, 2 ** 31),
    );
    fc.assert(
      fc.property(fc.oneof(whole, fc.double({ noNaN: true, noDefaultInfinity: true })), (value) => {
        assert.equal(
          written(() => page.number(value)),
          String(value),
        );
      }),
    );
  });

  for (let digits = 1; digits <= 10; digits++) {
    it(`takes the numbers around 1e${digits}`, () => {
      for (const value of [10 ** digits - 1, 10 ** digits, 10 ** digits + 1])
        assert.equal(
          written(() => page.number(value)),
          String(value),
        );
    });
  }

  it("repeats what is in it", () => {
    const text = written(() => {
      page.ascii("a{");
      const start = page.length;
      page.text("é");
      page.repeat(start, page.length);
    });
    assert.equal(text, "a{éé");
  });

  it("takes texts that are longer than it is", () => {
    const long = "ü".repeat(300_000);
    const text = written(() => {
      page.ascii("x".repeat(90_000));
      page.text(long);
      page.repeat(0, 90_000);
      page.number(7);
    });
    assert.equal(text, `${"x".repeat(90_000)}${long}${"x".repeat(90_000)}7`);
  });
});

describe("series", () => {
  it("hands the page on whenever it is full, and leaves the rest in it", () => {
    const line = "0123456789".repeat(1000);
    const sizes = [...writeSeries(page, 20, () => page.ascii(line))].map(({ length }) => length);
    assert.deepEqual(sizes, [70_000, 70_000]);
    assert.equal(page.take().length, 60_000);
  });
});
