import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** Where the endpoint opens when its host is `localhost`. */
const LOOPBACK = ["127.0.0.1", "::1"];
/** A machine without IPv6, or without its loopback address. */
const NO_SUCH_ADDRESS = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"]);

/** The preferred port (0: none) if nobody listens there on either loopback address, else one that is free on both. */
export async function freePort(preferred: number): Promise<number> {
  let port = preferred || ((await listen(0, "127.0.0.1")) as number);
  while (!(await isFree(port))) port = (await listen(0, "127.0.0.1")) as number;
  return port;
}

async function isFree(port: number): Promise<boolean> {
  for (const host of LOOPBACK) {
    if ((await listen(port, host)) === undefined) return false;
  }
  return true;
}

/** Listens for a moment. `undefined` where the port is taken, or not ours to take. */
async function listen(port: number, host: string): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, "listening");
    const { port: listeningPort } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return listeningPort;
  } catch (error) {
    return NO_SUCH_ADDRESS.has((error as NodeJS.ErrnoException).code ?? "") ? port : undefined;
  }
}
