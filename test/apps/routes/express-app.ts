/** Serves every shape of the table with an Express application of its own: the header `shape` says which. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { type Express, VERSIONS, type Version } from "./express-shape.ts";
import { shapesOn } from "./express-shapes.ts";

export async function serve(load: (module: string) => Express | Promise<Express>): Promise<void> {
  const version = process.argv[2] as Version;
  const express = await load(VERSIONS[version]);
  const apps = shapesOn(version).map(({ setUp }) => {
    const app = express();
    setUp(app, express);
    return app as unknown as RequestListener;
  });
  const server = createServer((req, res) => {
    apps[Number(req.headers.shape)]?.(req, res);
  });
  // the client keeps its connections, and either of the two may be stopped for longer than the usual five seconds
  server.keepAliveTimeout = 0;
  server.listen(0, () => console.log(`listening ${(server.address() as AddressInfo).port}`));
}
