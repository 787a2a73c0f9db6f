// The package `router`, behind a listener of the application's own, as its documentation shows.
const { createServer } = require("node:http");
const { serve } = require("../serve.cjs");

exports.router = (Router) => {
  const ok = (_req, res) => res.end("answered");

  const router = Router();
  router.get("/", ok);
  router.get("/users/:id", ok);
  router
    .route("/pets/:pet")
    .get(ok)
    .post((_req, res) => res.writeHead(422).end());
  const inner = Router({ mergeParams: true });
  inner.get("/things/:thing", ok);
  router.use("/bases/:base", inner);
  router.use("/static", ok);

  serve({
    main: createServer((req, res) => router(req, res, (error) => res.writeHead(error ? 500 : 404).end("nothing"))),
  });
};
