// h3 1 in the shapes that its documentation shows.
const { serve } = require("../serve.cjs");

exports.h3 = ({ createServer, createApp, createError, createRouter, defineEventHandler, ...more }) => {
  const { setResponseStatus, toNodeListener, useBase } = more;
  const ok = defineEventHandler(() => "answered");

  const router = createRouter();
  router.get("/", ok);
  router.get("/users/:id", ok);
  router.use("/anything/:id", ok);
  router.get("/files/**", ok);
  router.post(
    "/users",
    defineEventHandler((event) => {
      setResponseStatus(event, 422);
      return "invalid";
    }),
  );
  router.get(
    "/throws/:id",
    defineEventHandler(() => {
      throw createError({ statusCode: 503 });
    }),
  );
  router.get(
    "/later/:id",
    defineEventHandler(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return "later";
    }),
  );
  const nested = createRouter().get("/items/:item", ok);
  router.use("/api/**", useBase("/api", nested.handler));
  const mounted = createRouter().get("/things/:thing", ok);

  const app = createApp();
  app.use(
    defineEventHandler((event) => {
      if (event.node.req.headers["x-stop"]) throw createError({ statusCode: 401 });
    }),
  );
  app.use("/mounted", mounted);
  app.use(router);
  serve({ main: createServer(toNodeListener(app)) });
};
