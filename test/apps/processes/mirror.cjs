// A parent and two members with a server each: workers of a cluster, children of `fork()`, or threads (the argument). Prints
// `listening`, and at SIGUSR2 has the members report what they see of themselves, and end by themselves. Last, it prints what
// was seen: messages and events that have come, listeners, TCP ports that are open.
const cluster = require("node:cluster");
const { fork } = require("node:child_process");
const { createServer } = require("node:http");
const { isMainThread, parentPort, Worker } = require("node:worker_threads");

const [, , mode, role] = process.argv;
const MEMBERS = 2;

const listeners = (emitter) =>
  Object.fromEntries(
    emitter
      .eventNames()
      .map((name) => [String(name), emitter.listenerCount(name)])
      .sort(),
  );

/** Of servers: a connection has a remote endpoint. The endpoint of the metrics has two addresses and one port. */
const openTcpPorts = () => {
  const handles = process.report.getReport().libuv.filter(({ type }) => type === "tcp");
  const listening = handles.filter(({ localEndpoint, remoteEndpoint }) => localEndpoint && !remoteEndpoint);
  return new Set(listening.map(({ localEndpoint }) => localEndpoint.port)).size;
};

function look(server) {
  return { process: listeners(process), server: server && listeners(server), tcp: openTcpPorts() };
}

function member(send, onMessage, leave) {
  const server = createServer((_request, response) => response.setHeader("connection", "close").end("ok"));
  onMessage((message) => {
    send({ received: message, ...look(server) });
    server.close();
    leave();
  });
  server.listen(0, "127.0.0.1", () => send("ready"));
}

/** Starts a member. Gives what its messages are sent to, and tells of its events. */
const START = {
  cluster: () => cluster.fork(),
  fork: () => fork(__filename, [mode, "member"]),
  threads: () => new Worker(__filename, { argv: [mode, "member"] }),
};

function parent() {
  const seen = { events: [], internal: [], reports: [] };
  const note = (name, detail = "") => seen.events.push(`${name} ${detail}`);
  let ready = 0;
  if (mode === "cluster")
    for (const name of ["fork", "online", "listening", "disconnect", "exit"])
      cluster.on(name, () => note(`cluster ${name}`));
  cluster.on("message", (_worker, message) => note("cluster message", typeof message));
  if (mode === "cluster") cluster.setupPrimary({ args: [mode, "member"] });
  const members = Array.from({ length: MEMBERS }, () => {
    const each = START[mode]();
    each.on("message", (message) => {
      if (message !== "ready") seen.reports.push(message);
      else if (++ready === MEMBERS) console.log("listening 1");
      note("message", typeof message);
    });
    each.on("exit", (code, signal) => note("exit", `${code} ${signal}`));
    (each.process ?? each).on("internalMessage", ({ cmd, act }) => seen.internal.push(`${cmd} ${act}`));
    return each;
  });
  process.once("SIGUSR2", () => {
    seen.parent = { ...look(), cluster: listeners(cluster), members: members.map((each) => listeners(each)) };
    for (const each of members) (each.send ?? each.postMessage).call(each, "finish");
  });
  process.on("exit", () => {
    for (const list of [seen.events, seen.internal]) list.sort();
    console.log(JSON.stringify(seen));
  });
}

if (role !== "member") parent();
else if (!isMainThread)
  member(
    (message) => parentPort.postMessage(message),
    (listener) => parentPort.once("message", listener),
    () => parentPort.close(),
  );
else
  member(
    (message) => process.send(message),
    (listener) => process.once("message", listener),
    () => process.disconnect(),
  );
