/** One handler for each way in which a request on HTTP/2 can end; the path names it. */
import { constants } from "node:http2";
import { fileURLToPath } from "node:url";

const THIS_FILE = fileURLToPath(import.meta.url);
const INTERNAL_ERROR = constants.NGHTTP2_INTERNAL_ERROR;
/** More than the window of a client that does not read. */
const LONG_BODY = Buffer.alloc(4 * 1024 * 1024, "x");

/** Node's stream API: `server.on("stream")`. */
export const streamHandlers = {
  "/finished": (stream) => {
    stream.respond({ ":status": 201 });
    stream.end("ok");
  },
  "/health": (stream) => stream.end("fine"),
  "/no-content": (stream) => stream.respond({ ":status": 204 }, { endStream: true }),
  "/head": (stream) => stream.respond({ ":status": 203 }),
  "/default-status": (stream) => stream.end("ok"),
  "/interim": (stream) => {
    stream.additionalHeaders({ ":status": 103, link: "</a.css>" });
    stream.respond({ ":status": 202 });
    stream.end();
  },
  "/raw-headers": (stream) => {
    stream.respond({ ":status": 207, "x-answer": "1" });
    stream.end();
  },
  "/trailers": (stream) => {
    stream.respond({ ":status": 200 }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ checksum: "1" }));
    stream.end("ok");
  },
  "/file": (stream) => stream.respondWithFile(THIS_FILE),
  "/missing-file": (stream) =>
    stream.respondWithFile(
      `${THIS_FILE}.none`,
      {},
      {
        onError() {
          stream.respond({ ":status": 404 });
          stream.end();
        },
      },
    ),
  "/long-file": (stream) => stream.respondWithFile(process.execPath),
  "/upload": (stream) => {
    stream.respond({ ":status": 200 });
    stream.pipe(stream);
  },
  "/too-large": (stream) => {
    stream.resume();
    stream.respond({ ":status": 413 });
    stream.end("too large");
  },
  "/pushes": (stream) => {
    stream.pushStream({ ":path": "/pushed" }, (error, pushed) => {
      if (error) throw error;
      pushed.respond({ ":status": 200 });
      pushed.end("pushed");
    });
    stream.respond({ ":status": 200 });
    stream.end("ok");
  },
  "/silent": () => {},
  "/mid-body": (stream) => {
    stream.respond({ ":status": 206 });
    stream.write("some of it");
  },
  "/long-body": (stream) => {
    stream.respond({ ":status": 200 });
    stream.end(LONG_BODY);
  },
  "/destroys": (stream) => stream.destroy(),
  "/declared": (stream) => {
    stream.respond({ ":status": 200, "Content-Length": 10 });
    stream.write("some of it");
  },
  "/declared-more": (stream) => {
    stream.respond({ ":status": 200, "content-length": 11 });
    stream.write("some of it");
  },
  "/declared-long": (stream) => {
    stream.respond({ ":status": 200, "content-length": LONG_BODY.length });
    stream.write(LONG_BODY);
  },
  "/fails": (stream) => stream.destroy(new Error("expected by the test")),
  "/fails-with-reset": (stream) => stream.destroy(Object.assign(new Error("of the test"), { code: "ECONNRESET" })),
  "/closes-with-internal-error": (stream) => stream.close(INTERNAL_ERROR),
  "/session-times-out": (stream) => stream.session.setTimeout(20, () => stream.session?.destroy()),
  "/refuses": (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM),
  "/destroys-in-mid-body": (stream) => {
    stream.respond({ ":status": 500 });
    stream.write("some of it", () => stream.destroy());
  },
  "/destroys-session": (stream) => stream.session.destroy(),
  "/destroys-session-in-mid-body": (stream) => {
    stream.respond({ ":status": 200 });
    stream.write("some of it", () => stream.session.destroy());
  },
  "/closes-session": (stream) => {
    stream.session.close();
    stream.respond({ ":status": 200 });
    stream.end("the last one");
  },
  "/says-goaway": (stream) => {
    stream.session.on("error", () => {});
    stream.session.goaway(constants.NGHTTP2_INTERNAL_ERROR);
    stream.session.destroy(new Error("expected by the test"));
  },
  "/tunnel": (stream) => {
    stream.respond({ ":status": 200 });
    stream.write("welcome");
  },
};

/** Node's compatibility API, and HTTP/1: `server.on("request")`. */
export const requestHandlers = {
  "/finished": (_request, response) => response.writeHead(201).end("ok"),
  "/no-content": (_request, response) => response.writeHead(204).end(),
  "/default-status": (_request, response) => response.end("ok"),
  "/trailers": (_request, response) => {
    response.addTrailers({ checksum: "1" });
    response.end("ok");
  },
  "/upload": async (request, response) => {
    for await (const _ of request);
    response.end("thanks");
  },
  "/too-large": (request, response) => {
    request.resume();
    response.writeHead(413).end("too large");
  },
  "/silent": () => {},
  "/mid-body": (_request, response) => response.writeHead(206).write("some of it"),
  "/declared": (_request, response) => response.writeHead(200, { "Content-Length": 10 }).write("some of it"),
  "/declared-more": (_request, response) => response.writeHead(200, { "content-length": 11 }).write("some of it"),
  "/declared-long": (_request, response) => {
    response.writeHead(200, { "content-length": LONG_BODY.length }).write(LONG_BODY);
  },
  "/fails": (_request, response) => response.destroy(new Error("expected by the test")),
  "/closes-with-internal-error": (_request, response) => response.stream.close(INTERNAL_ERROR),
  "/session-times-out": ({ stream }) => stream.session.setTimeout(20, () => stream.session?.destroy()),
  "/events": (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: 1\n\n");
  },
  "/long-body": (_request, response) => response.end(LONG_BODY),
  "/destroys": (_request, response) => response.stream.destroy(),
};
