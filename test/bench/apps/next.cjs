/**
 * `next start` itself, with the application that BENCH_NEXT_FOLDER names. Next keeps its server to itself: it is the first that
 * is created once the preloads have run.
 */
const http = require("node:http");
const { join } = require("node:path");
const { listening } = require("./serve.cjs");

const folder = process.env.BENCH_NEXT_FOLDER;
const command = join(folder, "node_modules/next/dist/bin/next");
const { createServer } = http;

http.createServer = (...args) => {
  http.createServer = createServer;
  const server = createServer(...args);
  return server.once("listening", () => listening(server));
};

process.argv = [process.execPath, command, "start", folder, "--port", "0"];
require(command);
