/**
 * What kind of server a listening one is. The modules are not loaded for that: a process that never listens, and one
 * without HTTP/2, do not pay for them.
 */
import type { Server as HttpServer } from "node:http";
import type { Http2SecureServer, Http2Server } from "node:http2";
import type { Server } from "node:net";
import { unseenBuiltin } from "./unseen-builtin.ts";

export function isHttp1Server(server: Server): server is HttpServer {
  return server instanceof unseenBuiltin("http").Server || server instanceof unseenBuiltin("https").Server;
}

/** Told by what only they have: Node does not export the classes. */
export function isHttp2Server(server: Server): server is Http2Server | Http2SecureServer {
  return typeof (server as Partial<Http2Server>).updateSettings === "function";
}

/** The event with which a server takes a connection that is ready for HTTP. */
export function connectionEvent(server: Server): "connection" | "secureConnection" {
  // as Node itself tells them apart; `instanceof` would load node:tls
  return "setSecureContext" in server ? "secureConnection" : "connection";
}
