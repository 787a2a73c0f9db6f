// hapi in the shapes that its documentation shows.
const { serve } = require("../serve.cjs");

exports.hapi = async (Hapi) => {
  const options = { host: "127.0.0.1", port: 0 };
  const ok = () => "answered";

  const server = Hapi.server({ ...options, debug: false, routes: { cors: true } });
  server.auth.scheme("token", () => ({
    authenticate(request, h) {
      if (request.headers.authorization === undefined) return h.response("who?").code(401).takeover();
      return h.authenticated({ credentials: {} });
    },
  }));
  server.auth.strategy("token", "token");
  server.ext("onRequest", (request, h) => {
    if (request.headers["x-stop"]) return h.response("no").code(403).takeover();
    if (request.path === "/old") request.setUrl("/users/42");
    return h.continue;
  });
  server.route([
    { method: "GET", path: "/", handler: ok },
    { method: "GET", path: "/users/{id}", handler: ok },
    { method: "GET", path: "/users/me", handler: ok },
    { method: ["PUT", "POST"], path: "/users/{id}", handler: ok },
    { method: "*", path: "/anything/{id}", handler: ok },
    { method: "GET", path: "/optional/{name?}", handler: ok },
    { method: "GET", path: "/hello/{words*2}", handler: ok },
    { method: "GET", path: "/files/{path*}", handler: ok },
    { method: "GET", path: "/{file}.jpg", handler: ok },
    { method: "GET", path: "/private/{id}", options: { auth: "token", handler: ok } },
    { method: "GET", path: "/throws/{id}", handler: () => Promise.reject(new Error("thrown by the handler")) },
    { method: "GET", path: "/missing/{id}", handler: (_request, h) => h.response().code(404) },
    {
      method: "GET",
      path: "/checked/{id}",
      options: {
        handler: ok,
        validate: {
          params: ({ id }) => {
            if (!/^\d+$/.test(id)) throw new Error("no number");
          },
        },
      },
    },
    {
      method: "GET",
      path: "/slow/{id}",
      handler: async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return "later";
      },
    },
  ]);
  const plugin = {
    name: "forums",
    register: (forums) => forums.route({ method: "GET", path: "/{forum}/posts/{post}", handler: ok }),
  };
  await server.register(plugin, { routes: { prefix: "/forums" } });
  await server.start();

  const second = Hapi.server(options);
  second.route({ method: "GET", path: "/users/{name}", handler: ok });
  second.route({ method: "*", path: "/{any*}", handler: (_request, h) => h.response("nothing").code(404) });
  await second.start();
  serve({ main: server.listener, second: second.listener });
};
