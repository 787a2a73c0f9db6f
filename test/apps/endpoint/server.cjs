// A server without a router, that can be asked about itself.
const { createServer } = require("node:http");

const answers = {
  /** Asks the URL in the query from in here, and answers with the status. */
  "/ask": async (query) => (await fetch(query.get("url"))).status,
  /** The remote ports of all TCP connections, those that do not keep the process alive included. */
  "/connections": () =>
    process.report
      .getReport()
      .libuv.filter(({ type, remoteEndpoint }) => type === "tcp" && remoteEndpoint)
      .map(({ remoteEndpoint }) => remoteEndpoint.port),
  /** Bytes in buffers, of those that are still in use. */
  "/memory": () => {
    globalThis.gc();
    return process.memoryUsage().arrayBuffers;
  },
  "/close": () => {
    server.close();
    return "closed";
  },
};

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  const answer = (await answers[pathname]?.(searchParams)) ?? "ok";
  if (pathname === "/close") response.setHeader("connection", "close");
  response.end(JSON.stringify(answer));
});
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
