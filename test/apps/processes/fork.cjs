// A parent that starts CHILDREN by `fork()`, each with a server on a port of its own, and prints all ports. The parent has a
// server as well, unless PARENT=idle. A child that ends is started again.
const { fork } = require("node:child_process");
const { createServer } = require("node:http");
const { join } = require("node:path");
const answer = require("./routes.cjs");

const { CHILDREN = "2", PARENT } = process.env;
const ports = [];

function startChild(printsWhenAllListen) {
  const child = fork(join(__dirname, "server.cjs"), { env: { ...process.env, PORT: "0", TELLS_PARENT: "1" } });
  child.on("message", ({ port }) => {
    ports.push(port);
    if (printsWhenAllListen && ports.length === Number(CHILDREN) + (PARENT ? 0 : 1))
      console.log(`listening ${ports.join(" ")}`);
  });
  child.on("exit", () => startChild(false));
}

function startChildren() {
  for (let i = 0; i < Number(CHILDREN); i++) startChild(true);
}

if (PARENT) startChildren();
else {
  const server = createServer(answer).listen(0, "127.0.0.1", () => {
    ports.push(server.address().port);
    startChildren();
  });
}
