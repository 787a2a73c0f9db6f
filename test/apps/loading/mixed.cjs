// CommonJS that has its routes from an ES module by require, and its framework by import.
const { createServer } = require("node:http");

(async () => {
  const { default: express } = await import("express");
  const app = express();
  app.use(require("./late-routes.mjs").default);
  const server = createServer(app).listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
})();
