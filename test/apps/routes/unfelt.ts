/** Serves the probes: each by its target, and what they have seen as `/seen`. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { PROBES } from "./unfelt-probes.ts";

const seen: Record<string, unknown> = {};

const listener: RequestListener = (req, res) => {
  if (req.url === "/seen") {
    res.end(JSON.stringify(seen));
    return;
  }
  const probe = PROBES.find(({ target }) => target === req.url);
  probe?.run(req as never, res, (what) => {
    seen[probe.name] = what;
  });
};

const classes = new Map(PROBES.map(({ requestClass }) => [requestClass?.name ?? "IncomingMessage", requestClass]));
const ports: Record<string, number> = {};
for (const [name, IncomingMessage] of classes) {
  const server = createServer(IncomingMessage ? { IncomingMessage } : {}, listener);
  server.listen(0, () => {
    ports[name] = (server.address() as AddressInfo).port;
    if (Object.keys(ports).length === classes.size)
      console.log(`listening ${ports.IncomingMessage} ${JSON.stringify(ports)}`);
  });
}
