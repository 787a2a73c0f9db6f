// Servers without a framework, and how each of them is set up. Knows nothing of metrics.
const { once } = require("node:events");

/** TLS by a key that both sides know: no certificate to make, to renew or to keep a secret of. */
const PSK = { ciphers: "PSK", pskCallback: () => Buffer.from("0123456789abcdef") };

/** Answers with the status that the query asks for; a POST once its body is there. */
function answer(req, res) {
  res.statusCode = Number(/[?&]status=(\d{3})/.exec(req.url)?.[1] ?? 200);
  if (req.method === "POST") req.resume().on("end", () => res.end("received"));
  else res.end("answered");
}

/**
 * @param createServer of node:http
 * @param createTlsServer of node:https
 * @returns {Promise<string>} `listening <port> <name>=<port> …`
 */
exports.serve = async (createServer, createTlsServer) => {
  const servers = {
    main: createServer(answer),
    tls: createTlsServer(PSK, answer),
    lenient: createServer({ insecureHTTPParser: true }, answer),
    hostless: createServer({ requireHostHeader: false }, answer),
    few: Object.assign(createServer(answer), { maxRequestsPerSocket: 2 }),
    continuing: createServer(answer)
      .on("checkContinue", (req, res) => {
        if (req.url === "/refused/1") return res.writeHead(413).end();
        res.writeContinue();
        answer(req, res);
      })
      .on("checkExpectation", (_req, res) => res.writeHead(202).end()),
  };
  const ports = [];
  for (const [name, server] of Object.entries(servers)) {
    await once(server.listen(0, "127.0.0.1"), "listening");
    ports.push([name, server.address().port]);
  }
  const [[, port], ...others] = ports;
  return `listening ${port} ${others.map((other) => other.join("=")).join(" ")}`;
};
