/**
 * The longest stall of this process's event loop, and whether this process serves the metrics of the cluster.
 *
 * A stall is given in CPU time of the thread. All processes of the cluster share one core, so that the time on the clock would
 * show how long a process waited for the others.
 */
const { tracingChannel } = require("node:diagnostics_channel");

/** Milliseconds between two looks at the event loop: a loop that spins would take the processor from the others. */
const RESOLUTION_MS = 1;

let servesMetrics = 0;
tracingChannel("net.server.listen").subscribe({
  asyncEnd: ({ server }) => {
    if (server.address()?.port === Number(process.env.BENCH_METRICS_PORT)) servesMetrics = 1;
  },
});

exports.isServing = () => servesMetrics;

let timer;
let longestMs = 0;
let lookedAtMs = 0;

function cpuMs() {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function look() {
  const nowMs = cpuMs();
  longestMs = Math.max(longestMs, nowMs - lookedAtMs);
  lookedAtMs = nowMs;
}

exports.stallQuestions = {
  startStalls: () => {
    longestMs = 0;
    lookedAtMs = cpuMs();
    timer = setInterval(look, RESOLUTION_MS);
    return 0;
  },
  /** CPU between two turns of the event loop since `startStalls`, at most, in milliseconds. */
  stopStalls: () => {
    look();
    clearInterval(timer);
    return longestMs;
  },
};
