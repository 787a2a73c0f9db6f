/**
 * What all applications of the benchmark have in common: they listen on a free port of 127.0.0.1 and print
 * `listening <port>`; and where the benchmark holds a channel to them (IPC), they answer its questions about the
 * process. Start-up is measured without that channel.
 */
const HOST = "127.0.0.1";

/** The metrics of a variant that is part of the application (see variants/), or none. */
exports.hooks = process.env.BENCH_HOOKS ? require(process.env.BENCH_HOOKS) : {};

/**
 * @param {import("node:http").Server} server
 * @param {Record<string, () => number>} more questions that the application answers itself
 */
exports.serve = (server, more = {}) => {
  server.listen(0, HOST, () => exports.listening(server, more));
};

/** For frameworks that listen by themselves. */
exports.listening = (server, more = {}) => {
  if (process.send) answerQuestions(server, more);
  process.stdout.write(`listening ${server.address().port}\n`);
};
exports.HOST = HOST;
exports.answerQuestions = answerQuestions;

function answerQuestions(server, more) {
  require("node:v8").setFlagsFromString("--expose-gc");
  const collectGarbage = require("node:vm").runInNewContext("gc");
  let probing = false;
  let longestGapMs = 0;
  let turnedAtMs = 0;

  function turn() {
    const nowMs = performance.now();
    if (nowMs - turnedAtMs > longestGapMs) longestGapMs = nowMs - turnedAtMs;
    turnedAtMs = nowMs;
    if (probing) setImmediate(turn);
  }

  const answers = {
    ...(process.env.BENCH_PROFILE ? require("./profiler.cjs").questions : {}),
    /** User and system time of all threads, in microseconds. */
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
    rss: () => {
      collectGarbage();
      return process.memoryUsage.rss();
    },
    /** Bytes that JavaScript holds, on V8's heap and outside of it. */
    heap: () => {
      collectGarbage();
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    },
    connections: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count))),
    startGapProbe: () => {
      probing = true;
      longestGapMs = 0;
      turnedAtMs = performance.now();
      setImmediate(turn);
      return 0;
    },
    /** The longest time between two turns of the event loop since `startGapProbe`, in milliseconds. */
    stopGapProbe: () => {
      probing = false;
      turn();
      return longestGapMs;
    },
    ...more,
  };

  // the messages of a client for clusters are for others
  process.on("message", async ({ id, question }) => {
    if (question in answers) process.send({ id, answer: await answers[question]() });
  });
  process.on("disconnect", () => process.exit());
}
