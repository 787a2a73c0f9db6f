/** What is said, when, and that it is one line. */
import assert from "node:assert/strict";
import type { LogLevel } from "../../src/config/otel-variables.ts";
import { BufferedLog } from "../../src/log/buffered-log.ts";
import { createLog, reasonOf } from "../../src/log/log.ts";

function said(level: LogLevel, say: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  say(createLog(level, (line) => lines.push(line)));
  return lines;
}

describe("createLog", () => {
  it("cuts what somebody has made megabytes of", () => {
    const [line] = said("error", (log) => log.error(`it answers ${"\u0000".repeat(5_000_000)}`));
    assert.ok(line && line.length < 10_000 && line.endsWith("…\n"), String(line?.length));
  });

  for (const [level, severities] of [
    ["none", []],
    ["error", ["error"]],
    ["warn", ["error", "warn"]],
    ["info", ["error", "warn", "info"]],
    ["debug", ["error", "warn", "info"]],
    ["verbose", ["error", "warn", "info"]],
    ["all", ["error", "warn", "info"]],
  ] as const) {
    it(`OTEL_LOG_LEVEL=${level}: ${severities.join(", ") || "nothing"}`, () => {
      const lines = said(level, (log) => {
        for (const severity of ["error", "warn", "info"] as const) log[severity](severity);
      });
      assert.deepEqual(
        lines,
        severities.map((severity) => `otel-red: ${severity}\n`),
      );
    });
  }

  it("makes one line of whatever it is told", () => {
    const lines = said("warn", (log) => log.warn("a\n  b\r\nc\u001b[31md\u2028e"));
    assert.deepEqual(lines, ["otel-red: a b c\\u{1b}[31md\\u{2028}e\n"]);
  });
});

describe("BufferedLog", () => {
  it("says nothing until it is released, then all in its order, then at once", () => {
    const lines: string[] = [];
    let firstMessages = 0;
    const log = new BufferedLog(
      createLog("info", (line) => lines.push(line)),
      () => firstMessages++,
    );
    log.warn("1");
    log.error("2");
    log.info("3");
    assert.deepEqual([lines, firstMessages], [[], 1]);
    log.release();
    log.warn("4");
    assert.deepEqual(
      lines,
      ["1", "2", "3", "4"].map((message) => `otel-red: ${message}\n`),
    );
  });

  it("has nothing to be released for where it was told nothing", () => {
    let firstMessages = 0;
    const log = new BufferedLog(createLog("none"), () => firstMessages++);
    log.release();
    log.error("at once");
    assert.equal(firstMessages, 0);
  });
});

describe("reasonOf", () => {
  const unshowable = Object.create(null);
  const hostile = new Error("x");
  Object.defineProperty(hostile, "message", {
    get() {
      throw new Error("again");
    },
  });
  for (const [what, thrown, reason] of [
    ["an error", new TypeError("no"), "TypeError: no"],
    ["a text", "no", "no"],
    ["nothing", undefined, "undefined"],
    ["a symbol", Symbol("no"), "Symbol(no)"],
    ["an object without a prototype", unshowable, "something was thrown that cannot be shown"],
    ["an error that throws", hostile, "something was thrown that cannot be shown"],
  ] as const) {
    it(what, () => assert.equal(reasonOf(thrown), reason));
  }
});
