/** Frames between the members of a group: whatever way they are cut, and what is no frame. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { encode, Frames, type Message } from "../../src/group/protocol.ts";

const message = fc.record(
  { type: fc.constantFrom("ask", "counted"), text: fc.string({ unit: "grapheme" }) },
  { noNullPrototype: true },
);
const numbers = fc.array(fc.double(), { maxLength: 20 }).map((each) => new Float64Array(each));

function received(frames: Frames, chunk: Buffer) {
  return [...frames.take(chunk)].map(({ message, numbers }) => ({ message, numbers: [...numbers] }));
}

describe("Frames", () => {
  it("hands over what was sent, however it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(message, fc.array(numbers, { maxLength: 3 })), { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (sent, cuts) => {
          const bytes = Buffer.concat(sent.map(([each, floats]) => encode(each as unknown as Message, floats)));
          const frames = new Frames();
          const all = [];
          for (let at = 0, cut = 0; at < bytes.length; cut++) {
            const end = at + (cuts[cut % cuts.length] as number);
            all.push(...received(frames, Buffer.from(bytes.subarray(at, end))));
            at = end;
          }
          assert.deepEqual(
            all,
            sent.map(([each, floats]) => ({ message: each, numbers: floats.flatMap((some) => [...some]) })),
          );
        },
      ),
    );
  });

  const frame = (length: number, textLength: number, rest = "") => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(length, 0);
    head.writeUInt32LE(textLength, 4);
    return Buffer.concat([head, Buffer.from(rest)]);
  };
  // biome-ignore format: a table, one row a line
  for (const { what, bytes } of [
    { what: "a frame of 1 GB", bytes: frame(2 ** 30, 10) },
    { what: "a text that is longer than its frame", bytes: frame(10, 11) },
    { what: "numbers that are no whole number of floats", bytes: frame(11, 4) },
    { what: "what is no JSON", bytes: frame(4, 4, "nope") },
    { what: "JSON that is no object", bytes: frame(4, 4, "null") },
    { what: "an HTTP request", bytes: Buffer.from("GET / HTTP/1.1\r\n\r\n") },
  ])
    it(`refuses ${what}`, () => {
      assert.throws(() => [...new Frames().take(bytes)]);
    });

  it("refuses a frame that is longer than is taken at the moment", () => {
    assert.throws(() => [...new Frames().take(frame(100, 100), 99)]);
    assert.deepEqual([...new Frames().take(frame(100, 100), 100)], []);
  });
});
