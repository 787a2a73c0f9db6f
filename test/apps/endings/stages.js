/**
 * Where the handlers of an application are, told over a plain TCP connection, which is no HTTP and so is not counted:
 * a test waits for a stage to be reached, and orders the next one, instead of sleeping.
 *
 * One word a line in both directions. See test/support/books/stages.ts for the other side.
 */
import { createServer } from "node:net";

const controllers = new Set();
const orders = new Map();

function order(stage) {
  let known = orders.get(stage);
  if (known === undefined) {
    known = Promise.withResolvers?.() ?? withResolvers();
    orders.set(stage, known);
  }
  return known;
}

/** Node 20 has no Promise.withResolvers. */
function withResolvers() {
  const result = {};
  result.promise = new Promise((resolve) => {
    result.resolve = resolve;
  });
  return result;
}

/** Says that this stage is reached. */
export function reached(stage) {
  for (const socket of controllers) socket.write(`${stage}\n`);
}

/** Resolves when the test has ordered this stage, before or after; each order serves once. */
export async function ordered(stage) {
  await order(stage).promise;
  orders.delete(stage);
}

/** Resolves with the port. */
export function listenForOrders() {
  const server = createServer((socket) => {
    let rest = "";
    controllers.add(socket);
    socket.setNoDelay(true).setEncoding("utf8");
    socket.on("error", () => {}).on("close", () => controllers.delete(socket));
    socket.on("data", (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop();
      for (const line of lines) order(line).resolve();
    });
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server.address().port));
  });
}
