// What is called: one server for HTTP, one for HTTPS. Knows nothing of metrics.
const { once } = require("node:events");
const { createServer } = require("node:http");
const { createServer: createTlsServer } = require("node:https");

/** TLS by a key that both sides know: no certificate to make, to renew or to keep a secret of. */
const PSK = { ciphers: "PSK", maxVersion: "TLSv1.2" };
const KEY = Buffer.from("0123456789abcdef");

/** For the client's side of it. */
exports.TLS = { ...PSK, pskCallback: () => ({ psk: KEY, identity: "client" }), checkServerIdentity: () => undefined };

const PATHS = {
  // what arrived, as it was written
  "/echo": (request, response) => response.end(JSON.stringify(request.rawHeaders)),
  "/hang": () => {},
  "/moved": (_request, response) => response.writeHead(302, { location: "/status/200" }).end(),
  "/cut": (_request, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("some of it", () => response.destroy());
  },
  "/drop": (request) => request.socket.destroy(),
  "/trickle": (_request, response) => void response.write("some of it"),
};

function answer(request, response) {
  const status = /^\/status\/(\d+)/.exec(request.url)?.[1];
  if (status !== undefined) request.resume().on("end", () => response.writeHead(Number(status)).end("answered"));
  else if (PATHS[request.url] !== undefined) PATHS[request.url](request, response);
  else response.writeHead(404).end();
}

/** @returns {Promise<{ http: number, https: number, close(): void }>} the ports */
exports.listen = async () => {
  const servers = [
    createServer(answer).on("upgrade", (request, socket) => {
      socket.end(
        request.url === "/refused"
          ? "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
          : "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: any\r\n\r\n",
      );
    }),
    createTlsServer({ ...PSK, pskCallback: () => KEY }, answer),
  ];
  for (const server of servers) await once(server.listen(0, "127.0.0.1"), "listening");
  const [http, https] = servers.map((server) => server.address().port);
  const close = () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  return { http, https, close };
};
