/** Endings without a head, by the server: its own fault, or what a client can bring about. */
import { get, post } from "../wire.ts";
import { type Client, type Row, untilHungUp } from "./row.ts";

/** A request that the server has given up, and is to blame for. */
function blamed(ending: string, path: string, run = untilHungUp(get(path)), method = "GET"): Row {
  return { ending, run, counted: { [`${method} 503 ${path}`]: 1 }, aborted: { [`${method} ${path}`]: 1 } };
}

/** A request that the server has closed, and is not to blame for. */
function excused(ending: string, path: string, run: Row["run"], method = "GET"): Row {
  return { ending, run, counted: { [`${method} 499 ${path}`]: 1 }, aborted: { [`${method} ${path}`]: 1 } };
}

const destroysWith = (fields: string) => untilHungUp(get(`/destroys-with?${fields}`));
/** The body is on its way. */
const midUpload = (path: string) => untilHungUp(`${post(path, 1000)}some of it`);

export const GIVEN_UP: readonly Row[] = [
  ...["response", "request", "socket"].map((what) =>
    blamed(`the handler destroys the ${what} with an error`, `/destroys-${what}-with-error`),
  ),
  blamed("the handler destroys the response with an error, and its head is in memory", "/destroys-with-head-in-memory"),
  blamed("after an answer on the same connection", "/destroys-response-with-error", async ({ open }: Client) => {
    const wire = await open("twin");
    await wire.send(get("/destroys-response-with-error"));
    await wire.closed;
  }),
  ...["code=ECONNREFUSED&syscall=connect", "code=ETIMEDOUT&syscall=connect", "code=EIO&syscall=read", "status=500"].map(
    (fields) => blamed(`an error with ${fields}`, "/destroys-with", destroysWith(fields)),
  ),
  blamed(
    "in mid-upload: the disk is full",
    "/destroys-with",
    midUpload("/destroys-with?code=ENOSPC&syscall=write"),
    "POST",
  ),
  blamed("socket.setTimeout", "/times-out-socket"),
  blamed("response.setTimeout, and its callback destroys the response", "/times-out-response"),
  {
    ending: "server.timeout",
    run: async ({ open }) => {
      const wire = await open("idle");
      await wire.send(get("/finished"));
      await wire.receives("ok");
      await wire.send(get("/silent"));
      await wire.closed;
    },
    counted: { "GET 200 /finished": 1, "GET 503 /silent": 1 },
    aborted: { "GET /silent": 1 },
  },
  {
    ending: "the handler destroys the response with an error, and others wait behind: one 503",
    run: untilHungUp(get("/destroys-response-with-error") + get("/finished").repeat(2)),
    counted: { "GET 503 /destroys-response-with-error": 1, "GET 499 /finished": 2 },
    aborted: { "GET /destroys-response-with-error": 1, "GET /finished": 2 },
  },
];

export const NOT_BLAMED: readonly Row[] = [
  ...[
    "code=ECONNRESET",
    "code=EPIPE&syscall=write",
    "code=HPE_INVALID_METHOD",
    "code=ERR_SSL_WRONG_VERSION_NUMBER",
    "code=Z_DATA_ERROR",
    "code=ENOENT&syscall=open",
    "code=ABORT_ERR",
    "status=413",
  ].map((fields) => excused(`an error with ${fields}`, "/destroys-with", destroysWith(fields))),
  excused(
    "in mid-upload: an error of the application's own, which the upload may be to blame for",
    "/destroys-request-with-error",
    midUpload("/destroys-request-with-error"),
    "POST",
  ),
  excused("in mid-upload: socket.setTimeout", "/times-out-socket", midUpload("/times-out-socket"), "POST"),
  excused("a timeout that nobody acted on, and the client leaves", "/times-out-in-vain", async ({ open, stages }) => {
    const wire = await open();
    await wire.send(get("/times-out-in-vain"));
    await stages.reached("times-out-in-vain");
    await wire.leave();
  }),
  excused(
    "the client leaves, and the handler destroys the response with an error",
    "/destroys-after-end-of-input",
    async ({ open, stages }) => {
      const wire = await open();
      await wire.send(get("/destroys-after-end-of-input"));
      await stages.reached("destroys-after-end-of-input");
      await wire.leave();
    },
  ),
  {
    ending: "a client that does not read times out, with others waiting behind",
    run: async ({ open }) => {
      const wire = await open();
      wire.stopReading();
      await wire.send(get("/times-out-unread") + get("/finished"));
    },
    counted: { "GET 200 /times-out-unread": 1, "GET 499 /finished": 1 },
    aborted: { "GET /times-out-unread": 1, "GET /finished": 1 },
  },
  excused(
    "garbage behind it, and the clientError listener destroys with an error of its own",
    "/silent",
    untilHungUp(`${get("/silent")}garbage\r\n\r\n`, "angry"),
  ),
  excused("an answer that is written on the socket", "/on-the-socket", untilHungUp(get("/on-the-socket"))),
  excused("an error while the server shuts down", "/destroys-when-told", async ({ open, stages }) => {
    const wire = await open("draining");
    await wire.send(get("/destroys-when-told"));
    await stages.reached("destroys-when-told");
    stages.order("drain");
    await stages.reached("draining");
    stages.order("destroy with error");
    await wire.closed;
  }),
];
