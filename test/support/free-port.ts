import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Where the endpoint opens when its host is `localhost`. */
const LOOPBACK = ["127.0.0.1", "::1"];
/** A machine without IPv6, or without its loopback address. */
const NO_SUCH_ADDRESS = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"]);

/**
 * From here to there. Above are those that the operating system hands out, to whoever listens on port 0: it could give ours
 * to another test between our look at it and its use, and again while a service that is restarted is down.
 * https://docs.kernel.org/networking/ip-sysctl.html, ip_local_port_range
 */
const PORTS = [12_000, 32_000] as const;
/** No two of a test are the same, before they are used. */
const given = new Set<number>();

/** The preferred port (0: none) if nobody listens there on either loopback address, else one that is free on both. */
export async function freePort(preferred: number): Promise<number> {
  if (preferred !== 0 && (await isFree(preferred))) return preferred;
  let port: number;
  do port = randomInt(...PORTS);
  while (given.has(port) || !(await isFree(port)));
  given.add(port);
  return port;
}

async function isFree(port: number): Promise<boolean> {
  for (const host of LOOPBACK) {
    if (!(await canListen(port, host))) return false;
  }
  return true;
}

/** Listens for a moment. `false` where the port is taken, or not ours to take. */
async function canListen(port: number, host: string): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return true;
  } catch (error) {
    return NO_SUCH_ADDRESS.has((error as NodeJS.ErrnoException).code ?? "");
  }
}
