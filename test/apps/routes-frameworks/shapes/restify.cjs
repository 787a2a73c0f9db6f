// Restify in the shapes that its documentation shows.
const { serve } = require("../serve.cjs");

exports.restify = (framework) => {
  const ok = (_req, res, next) => {
    res.send("answered");
    return next();
  };

  const server = framework.createServer();
  server.pre((req, res, next) => {
    if (!req.header("x-stop")) return next();
    res.send(403, "no");
    return next(false);
  });
  server.pre(framework.pre.sanitizePath());
  server.use(framework.plugins.queryParser());
  server.use((req, res, next) => {
    if (!req.header("x-stop-use")) return next();
    res.send(401, "no");
    return next(false);
  });
  server.get("/", ok);
  server.get("/users/:id", ok);
  server.head("/users/:id", ok);
  server.put({ path: "/users/:id", name: "update" }, ok);
  server.get("/users/:id/tokens/:token", ok);
  server.get("/example/:file(^\\d+).png", ok);
  server.get("/near/:lat-:lng/radius/:r", ok);
  server.get("/files/*", ok);
  server.get("/throws/:id", (_req, _res, next) => next(new Error("thrown by the handler")));
  server.get("/missing/:id", (_req, res, next) => {
    res.send(404);
    return next();
  });
  server.get(
    "/versioned/:id",
    framework.plugins.conditionalHandler([
      { version: "1.0.0", handler: ok },
      { version: "2.0.0", handler: ok },
    ]),
  );
  server.get("/slow/:id", (_req, res, next) => {
    setTimeout(() => {
      res.send("later");
      next();
    }, 5);
  });
  server.opts("/preflight/:id", (_req, res, next) => {
    res.send(204);
    return next();
  });

  const second = framework.createServer();
  second.get("/users/:name", ok);
  serve({ main: server.server, second: second.server });
};
