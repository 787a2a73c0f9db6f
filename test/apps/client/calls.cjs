// Calls of every kind, each with what the caller itself books: [method, status, host], status 0 where there was no response.
const { once } = require("node:events");
const { mkdirSync, rmSync } = require("node:fs");
const { Agent, createServer } = require("node:http");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { OTLPMetricExporter } = require("@opentelemetry/exporter-metrics-otlp-proto");
const { request: undiciRequest, RetryAgent, Agent: UndiciAgent } = require("undici");
const { TLS } = require("./target.cjs");

/** Ends with the request, whatever becomes of it. @returns {Promise<number>} the status */
async function finish(request, onResponse = (response) => response.resume()) {
  let status = 0;
  const closed = new Promise((resolve) => request.on("close", resolve));
  request.on("error", () => {});
  request.on("response", (response) => {
    status = response.statusCode;
    response.on("error", () => {});
    onResponse(response);
  });
  request.end();
  await closed;
  return status;
}

/** @returns {Promise<number>} the status that fetch or undici has seen */
async function settle(call) {
  let status = 0;
  try {
    const response = await call();
    status = response.status ?? response.statusCode;
    await (response.text ? response.text() : response.body.text());
  } catch {
    // what became of it is in the status
  }
  return status;
}

/** Calls a server at a Unix socket. @returns {Promise<number>} the status */
async function overSocket(call) {
  const folder = join(tmpdir(), String(process.pid));
  const socketPath = join(folder, "api.sock");
  mkdirSync(folder, { recursive: true });
  rmSync(socketPath, { force: true });
  const server = createServer((_request, response) => response.writeHead(206).end()).listen(socketPath);
  await once(server, "listening");
  try {
    return await call(socketPath);
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param http `request` and `get`, however the application got hold of them
 * @param https likewise
 */
exports.calls = (http, https, ports, closedPort) => {
  const host = `127.0.0.1:${ports.http}`;
  const url = (path) => `http://${host}${path}`;
  const at = (path, more) => ({ host: "127.0.0.1", port: ports.http, path, ...more });
  const one = async (status, method = "GET", where = host) => [[method, await status, where]];
  const keepAlive = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    "http.get(url)": () => one(finish(http.get(url("/status/200")))),
    "http.get(URL, options)": () => one(finish(http.get(new URL(url("/status/201")), { headers: { a: "b" } }))),
    "http.request(url, options)": () => one(finish(http.request(url("/status/404"), { method: "POST" })), "POST"),
    "http.request(options)": () => one(finish(http.request(at("/status/503", { method: "put" }))), "PUT"),
    "an unknown method": () => one(finish(http.request(at("/status/200", { method: "PURGE" }))), "_OTHER"),
    "localhost, in capitals": () =>
      one(
        finish(http.request({ ...at("/status/204"), host: "LOCALHOST", family: 4 })),
        "GET",
        `localhost:${ports.http}`,
      ),
    "https.get(options)": () =>
      one(finish(https.get({ ...at("/status/200"), port: ports.https, ...TLS })), "GET", `127.0.0.1:${ports.https}`),
    "https.request(url)": () =>
      one(finish(https.request(`https://127.0.0.1:${ports.https}/status/500`, TLS)), "GET", `127.0.0.1:${ports.https}`),
    "https, not trusted": () =>
      one(finish(https.request(`https://127.0.0.1:${ports.https}/status/200`)), "GET", `127.0.0.1:${ports.https}`),
    "a kept-alive connection, ten times": async () => {
      const books = [];
      for (let i = 0; i < 10; i++)
        books.push(...(await one(finish(http.get(at("/status/200", { agent: keepAlive }))))));
      keepAlive.destroy();
      return books;
    },
    "a redirect, not followed": () => one(finish(http.get(url("/moved")))),
    "nobody listens for the response": async () => {
      await once(http.get(at("/status/202", { agent: false })), "close");
      return [["GET", 202, host]];
    },
    "headers as an array": () =>
      one(finish(http.get(at("/status/200", { headers: ["host", "elsewhere", "x-a", "1", "x-a", "2"] })))),
    "refused connection": () =>
      one(finish(http.get({ host: "127.0.0.1", port: closedPort })), "GET", `127.0.0.1:${closedPort}`),
    "a Unix socket": () =>
      one(
        overSocket((socketPath) => finish(http.get({ socketPath, path: "/a" }))),
        "GET",
        join(tmpdir(), ":id", "api.sock"),
      ),
    "a Unix socket that is not there": () =>
      one(finish(http.get({ socketPath: "/no/such.sock" })), "GET", "/no/such.sock"),
    "unknown host": () => one(finish(http.get("http://no.such.invalid/")), "GET", "no.such.invalid:80"),
    "the server drops the connection": () => one(finish(http.get(url("/drop")))),
    "given up before the response": () => {
      const request = http.get(url("/hang"));
      request.once("socket", (socket) => socket.once("connect", () => request.destroy()));
      return one(finish(request));
    },
    "timed out": () => {
      const request = http.get(url("/hang"), { timeout: 20 });
      request.on("timeout", () => request.destroy(new Error("timed out")));
      return one(finish(request));
    },
    "given up in the middle of the response": () => {
      const request = http.get(url("/trickle"));
      return one(finish(request, () => request.destroy()));
    },
    "abort() in the middle of the response": () => {
      const request = http.get(url("/trickle"));
      return one(finish(request, () => request.abort()));
    },
    "cut in the middle of the response": () => one(finish(http.get(url("/cut")))),
    "an upgrade that is accepted is none": async () => {
      const request = http.request(at("/", { headers: { connection: "upgrade", upgrade: "any" } }));
      request.on("upgrade", (_response, socket) => socket.destroy());
      await finish(request);
      return [];
    },
    "an upgrade that is refused": () =>
      one(finish(http.request(at("/refused", { headers: { connection: "upgrade", upgrade: "any" } })))),
    "what Node refuses is none": () => {
      for (const bad of ["nonsense", { method: 5 }, { path: "/a b" }]) {
        try {
          http.request(bad);
          throw new Error("not refused");
        } catch (error) {
          if (!/^ERR_/.test(error.code)) throw error;
        }
      }
      return [];
    },
    "an OTLP export is none": async () => {
      const exporter = new OTLPMetricExporter({ url: url("/status/200") });
      const metrics = { resource: { attributes: {} }, scopeMetrics: [] };
      const { code, error } = await new Promise((resolve) => exporter.export(metrics, resolve));
      if (code !== 0) throw error;
      await exporter.shutdown();
      return [];
    },
    fetch: () => one(settle(() => fetch(url("/status/200")))),
    "fetch, a POST that fails": () =>
      one(
        settle(() => fetch(url("/status/500"), { method: "POST", body: "{}" })),
        "POST",
      ),
    "fetch, redirected": async () => {
      const status = await settle(() => fetch(url("/moved")));
      return [
        ["GET", 302, host],
        ["GET", status, host],
      ];
    },
    "fetch, two slashes": () => one(settle(() => fetch(url("//elsewhere.example/")))),
    "fetch, refused": () =>
      one(
        settle(() => fetch(`http://127.0.0.1:${closedPort}/`)),
        "GET",
        `127.0.0.1:${closedPort}`,
      ),
    "fetch, unknown host": () =>
      one(
        settle(() => fetch("http://no.such.invalid/")),
        "GET",
        "no.such.invalid:80",
      ),
    "fetch, timed out": () => one(settle(() => fetch(url("/hang"), { signal: AbortSignal.timeout(50) }))),
    "fetch, aborted for no reason": () => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(null), 50);
      return one(settle(() => fetch(url("/hang"), { signal: controller.signal })));
    },
    "fetch, cut": () => one(settle(() => fetch(url("/cut")))),
    "undici.request": () =>
      one(
        settle(() => undiciRequest(url("/status/418"), { method: "PUT", body: "x" })),
        "PUT",
      ),
    "undici.request, retried": async () => {
      const dispatcher = new RetryAgent(new UndiciAgent(), { maxRetries: 2, minTimeout: 1, maxTimeout: 1 });
      await settle(() => undiciRequest(url("/status/503"), { dispatcher }));
      await dispatcher.close();
      return [503, 503, 503].map((status) => ["GET", status, host]);
    },
    "undici.request, a Unix socket": async () => {
      const status = await overSocket(async (socketPath) => {
        const dispatcher = new UndiciAgent({ connect: { socketPath } });
        const seen = await settle(() => undiciRequest("http://container.example/a", { dispatcher }));
        await dispatcher.close();
        return seen;
      });
      // undici tells nobody of the socket
      return [["GET", status, "container.example:80"]];
    },
  };
};
