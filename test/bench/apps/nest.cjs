/** NestJS on Express with one controller; what a TypeScript compiler makes of its decorators, by hand. */
require("reflect-metadata");
const { Controller, Get, Module, Param } = require("@nestjs/common");
const { NestFactory } = require("@nestjs/core");
const { hooks, HOST, listening } = require("./serve.cjs");

class UsersController {
  find(id) {
    return { id, name: "Ada" };
  }
}
Param("id")(UsersController.prototype, "find", 0);
Get(":id")(UsersController.prototype, "find", Object.getOwnPropertyDescriptor(UsersController.prototype, "find"));
Controller("users")(UsersController);

class AppModule {}
Module({ controllers: [UsersController] })(AppModule);

async function main() {
  const app = await NestFactory.create(AppModule, { logger: false });
  hooks.express?.(app);
  await app.listen(0, HOST);
  listening(app.getHttpServer());
}
main();
