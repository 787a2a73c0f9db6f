// How each process and thread of these applications answers. The header `x-process` names it: `<pid>.<thread>`.
const { threadId } = require("node:worker_threads");
const deaths = require("./deaths.cjs");
const count = process.env.INSTRUMENTS ? require("./instruments.cjs") : () => {};

const AFTER_THE_ANSWER = {
  "/boom": deaths.exception,
  "/exit": deaths.exit,
  "/oom": deaths.outOfMemory,
  "/spin": (parameters) => deaths.spin(Number(parameters.get("ms"))),
};
const STATUS = { "/fail": 500, "/missing": 404 };

module.exports = function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  response.setHeader("connection", "close").setHeader("x-process", `${process.pid}.${threadId}`);
  response.statusCode = STATUS[pathname] ?? 200;
  count(pathname);
  if (pathname === "/slow") setTimeout(() => response.end("slow"), Number(searchParams.get("ms") ?? 100));
  else response.end("ok", () => setImmediate(() => AFTER_THE_ANSWER[pathname]?.(searchParams)));
};
