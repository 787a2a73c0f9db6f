// Answers a request of its own, and then ends in the way that it is told.
const { createServer, get } = require("node:http");

const server = createServer((request, response) => {
  if (request.url === "/throw") throw new Error("its own");
  if (request.url === "/exit") process.exit(6);
  response.end("ok");
});

const own = () => new Error("its own");
const request = (path) => get({ port: server.address().port, path, agent: false }).on("error", () => {});
const closeAfter = (what) => (argument) => {
  console.log(what, argument instanceof Error ? argument.message : argument);
  server.close();
  server.closeAllConnections();
};
const on = (event, listener) => process.on(event, listener ?? closeAfter(event));
const signal = (name) => process.kill(process.pid, name);
let beforeExits = 0;

const endings = {
  normal: () => server.close(),
  "process.exit(3)": () => process.exit(3),
  "process.exit in a handler": () => request("/exit"),
  "process.exitCode": () => {
    process.exitCode = 4;
    server.close();
  },
  "an exception": () => {
    throw own();
  },
  "an exception in a handler": () => request("/throw"),
  "an exception that is handled": () => {
    on("uncaughtException");
    request("/throw");
  },
  "a rejection": () => Promise.reject(own()),
  "a rejection that is handled": () => {
    on("unhandledRejection");
    Promise.reject(own());
  },
  SIGTERM: () => signal("SIGTERM"),
  "SIGTERM that is handled": () => {
    on("SIGTERM");
    signal("SIGTERM");
  },
  SIGINT: () => signal("SIGINT"),
  "SIGINT that is handled": () => {
    on("SIGINT");
    signal("SIGINT");
  },
  SIGHUP: () => signal("SIGHUP"),
  "beforeExit with more to do": () => {
    on("beforeExit", () => {
      console.log("beforeExit");
      if (++beforeExits < 3) setTimeout(() => {}, 1);
    });
    server.close();
  },
};

process.on("exit", (code) => console.log("exit", code));
process.on("warning", (warning) => console.log("warning", warning.message));

server.listen(0, "127.0.0.1", () => {
  get({ port: server.address().port, agent: false }, async (response) => {
    console.log(Buffer.concat(await response.toArray()).toString());
    setImmediate(endings[process.argv[2]]);
  });
});
