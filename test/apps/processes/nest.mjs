// NestJS in a cluster, as its users write it: the primary starts workers, and each of them bootstraps the application.
import cluster from "node:cluster";
import { Get, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import "reflect-metadata";
import { controller } from "../routes-nest/decorate.mjs";

const { PORT, WORKERS = "3" } = process.env;

if (cluster.isPrimary) {
  let listening = 0;
  cluster.on("listening", (_, { port }) => {
    if (++listening === Number(WORKERS)) console.log(`listening ${port}`);
  });
  for (let i = 0; i < Number(WORKERS); i++) cluster.fork();
} else {
  const CatsController = controller(
    class CatsController {
      one() {
        return String(process.pid);
      }
    },
    "cats",
    { one: [Get(":id")] },
  );
  class AppModule {}
  Module({ controllers: [CatsController] })(AppModule);
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(Number(PORT), "127.0.0.1");
}
