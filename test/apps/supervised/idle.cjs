// A process that never listens, and stays.
process.stdin.resume();
setInterval(() => {}, 60_000);
console.log("idle");
