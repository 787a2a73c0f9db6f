// The ways in which a process ends by itself, and a loop that blocks. `onSignals` lets a test choose one from outside, so that
// the client's books have no request of it.
const deaths = {
  exit: () => process.exit(0),
  exception() {
    throw new Error("an exception that nobody catches");
  },
  // needs --max-old-space-size, or it takes a while
  outOfMemory() {
    const lists = [];
    for (;;) lists.push(new Array(100_000).fill({}));
  },
  spin(ms) {
    const endMs = performance.now() + ms;
    while (performance.now() < endMs);
  },
  onSignals(closeGracefully) {
    process.on("SIGUSR2", deaths.exit);
    process.on("SIGHUP", deaths.exception);
    process.on("SIGWINCH", deaths.outOfMemory);
    process.on("SIGINT", closeGracefully);
  },
};

module.exports = deaths;
