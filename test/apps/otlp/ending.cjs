// Ends as ENDING says: when asked for /end, or by the signals that it handles. One that it does not handle comes from outside.
// /order counts with an instrument of the application's, makes one whose callback never ends, and asks for something itself.
const { createServer, get } = require("node:http");

const server = createServer((request, response) => {
  response.setHeader("connection", "close");
  if (request.url === "/listeners") return void response.end(JSON.stringify(listeners()));
  if (request.url === "/order") return void order(response);
  if (request.url === "/users/0" && ending.onLateSignal) process.once("SIGTERM", ending.onLateSignal);
  if (request.url === "/end") response.once("close", () => setImmediate(ending.onRequest));
  response.end("ok");
});

function order(response) {
  const { metrics } = require("@opentelemetry/api");
  metrics.getMeter("shop").createCounter("orders").add(2, { kind: "book" });
  metrics
    .getMeter("shop")
    .createObservableGauge("stock")
    .addCallback(() => new Promise(() => {}));
  metrics
    .getMeter("shop")
    .createObservableGauge("shelves")
    .addCallback((result) => result.observe(7, { aisle: "a" }));
  get({ port: server.address().port, path: "/stock", agent: false }, (stock) => {
    stock.resume().once("close", () => response.end("ordered"));
  });
}

function listeners() {
  const events = ["SIGTERM", "SIGINT", "beforeExit"];
  return Object.fromEntries(
    events.map((event) => [event, process.listenerCount(event)]).filter(([, count]) => count > 0),
  );
}

const endings = {
  nothing_left: {
    onRequest() {
      process.exitCode = 3;
      server.close();
      process.on("beforeExit", (code) => console.log(`beforeExit ${code}`));
    },
  },
  nothing_left_but_more: {
    onRequest() {
      server.close();
      let left = 2;
      process.on("beforeExit", (code) => {
        console.log(`beforeExit ${code}`);
        if (left-- > 0) setTimeout(() => console.log("more work"), 10);
      });
    },
  },
  exit: { onRequest: () => process.exit(3) },
  exception: {
    onRequest() {
      throw new Error("thrown on purpose");
    },
  },
  rejection: { onRequest: () => void Promise.reject(new Error("rejected on purpose")) },
  signal: {},
  signal_exit: { onSignal: () => process.exit(4) },
  signal_late_exit: { onLateSignal: () => process.exit(5) },
  signal_close: { onSignal: () => server.close() },
};

const ending = endings[process.env.ENDING];
if (ending.onSignal) for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, ending.onSignal);
process.on("exit", (code) => console.log(`exit ${code}`));
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
