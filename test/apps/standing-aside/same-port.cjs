// A server that has a use of its own for the endpoint's port, PORT: from the start (`first`), for a second server once the
// endpoint is open (`second`), for a second one by a name that is yet to be looked up (`lookup`), or for one that is no
// HTTP server (`net`).
const { createServer } = require("node:http");
const net = require("node:net");

const [, , when] = process.argv;
const port = Number(process.env.PORT);
const answer = (_request, response) => response.end("ours");
const failed = (error) => console.log(`harmed: ${error.code}`);
const listening = () => console.log(`listening ${port}`);

if (when === "first") createServer(answer).on("error", failed).listen(port, "127.0.0.1", listening);
else {
  createServer(answer).listen(0, "127.0.0.1", () => {
    if (when === "lookup") createServer(answer).on("error", failed).listen(port, "localhost", listening);
    else
      whenServed(() => take(when === "net" ? net.createServer((socket) => socket.end("ours")) : createServer(answer)));
  });
}

function take(server) {
  server.on("error", failed).listen(port, "127.0.0.1", listening);
}

function whenServed(then) {
  if (globalThis[Symbol.for("otel-red.running")].url) then();
  else setImmediate(whenServed, then);
}
