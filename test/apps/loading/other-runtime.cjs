// Asks itself once, prints the answer and what was counted of it, and ends. For runtimes other than Node.js.
const { createServer } = require("node:http");

/** How often /metrics is asked for what was counted: it opens a moment after the server. */
const MOST_ATTEMPTS = 100;

const server = createServer((_request, response) => response.end("answered"));
server.listen(0, "127.0.0.1", async () => {
  console.log(await (await fetch(`http://127.0.0.1:${server.address().port}/users/7`)).text());
  console.log((await counted()) ?? "no metrics");
  process.exit();
});

async function counted() {
  const red = globalThis[Symbol.for("otel-red.running")];
  for (let attempt = 0; red !== undefined && attempt < MOST_ATTEMPTS; attempt++) {
    const page = red.url === undefined ? "" : await (await fetch(red.url)).text();
    const [line] = /^http_requests_total.*$/m.exec(page) ?? [];
    if (line !== undefined) return line;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return undefined;
}
