/** A cluster and threads on each Node.js that works: one page has the whole service, after a death as well. */
import { nodeBinary } from "../support/node-versions.ts";
import { Books } from "../support/processes/books.ts";
import { lastMomentsOf, pageEqualsBooks, servingPid } from "../support/processes/page.ts";
import { PROCESSES, type Service, startService } from "../support/processes/service.ts";

describe("several processes on Node.js", function versions() {
  // npm downloads what is not there yet
  this.timeout(200_000);
  let service: Service | undefined;
  afterEach(async () => {
    await service?.stop();
    service = undefined;
  });

  for (const version of ["20.19.0", "22", "24", "26"]) {
    it(`${version}, a cluster`, async () => {
      service = await startService("cluster.cjs", { node: await nodeBinary(version) });
      const { urls, metricsPort, children, process: primary } = service;
      const serving = servingPid(await service.joined(4));
      const books = new Books();
      await books.askMany(urls, 30);
      await pageEqualsBooks(metricsPort, books);
      const doomed = serving === primary.pid ? (children()[0] as number) : serving;
      const atMs = performance.now();
      process.kill(doomed, "SIGKILL");
      await service.joined(4);
      await books.askMany(urls, 30);
      await pageEqualsBooks(metricsPort, books, { mayBeLost: lastMomentsOf(`${doomed}.0`, atMs) });
    });

    it(`${version}, threads`, async () => {
      service = await startService("threads.cjs", { node: await nodeBinary(version), cwd: PROCESSES });
      const { urls, metricsPort } = service;
      await service.joined(3);
      const books = new Books();
      await books.askMany(urls, 30);
      await books.ask(urls[1] as string, "/exit");
      await service.joined(3);
      await pageEqualsBooks(metricsPort, books);
    });
  }
});
