// Nothing but Node's own modules, as an ES module. /wrapped tells which of their functions somebody's instrumentation has wrapped.
import dns from "node:dns";
import fs from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net from "node:net";

/** As `shimmer` marks them, by which OpenTelemetry's instrumentations patch. */
const isWrapped = (value) => typeof value === "function" && "__wrapped" in value;

function wrapped() {
  const found = [];
  for (const [name, exports] of Object.entries({ dns, fs, http, http2, https, net })) {
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(exports))) {
      if (isWrapped(value)) found.push(`${name}.${key}`);
      const prototype = Object.getOwnPropertyDescriptors(Object(Object(value).prototype));
      for (const [method, { value }] of Object.entries(prototype)) {
        if (isWrapped(value)) found.push(`${name}.${key}.prototype.${method}`);
      }
    }
  }
  return found;
}

const server = http.createServer((request, response) => {
  if (request.url === "/quit") process.exit(3);
  response.end(request.url === "/wrapped" ? JSON.stringify(wrapped()) : "ok");
});
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
