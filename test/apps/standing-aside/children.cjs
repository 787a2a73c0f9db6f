// A server that starts a server in a child, by `fork` or by `spawn`, and prints the ports of both. Each answers with its
// name, and whether it is measured.
const { fork, spawn } = require("node:child_process");
const { createServer } = require("node:http");

const [, , how, isChild] = process.argv;
const server = createServer((_request, response) =>
  response.end(`${isChild ?? "parent"} ${Symbol.for("otel-red.running") in globalThis}`),
);
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  if (isChild) console.log(port);
  else whenServed(() => start(port));
});

function start(port) {
  const child =
    how === "fork"
      ? fork(__filename, [how, "child"], { stdio: ["ignore", "pipe", "inherit", "ipc"] })
      : spawn(process.execPath, [...process.execArgv, __filename, how, "child"], {
          stdio: ["ignore", "pipe", "inherit"],
        });
  child.stdout.once("data", (childPort) => console.log(`listening ${port} ${String(childPort).trim()}`));
  process.on("SIGTERM", () => {
    child.kill();
    child.on("exit", () => process.exit(0));
  });
}

/** The parent is to be first at the endpoint's port. */
function whenServed(then) {
  if (globalThis[Symbol.for("otel-red.running")].url) then();
  else setImmediate(whenServed, then);
}
