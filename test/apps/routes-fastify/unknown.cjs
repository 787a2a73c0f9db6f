// What a version of Fastify might hand over that nobody knows yet: stand-ins on its channel, in front of a plain server.
const { channel } = require("node:diagnostics_channel");
const { createServer } = require("node:http");

const initialization = channel("fastify.initialization");

for (const message of [{}, { fastify: null }, { fastify: {} }, { fastify: { addHook: "none" } }]) {
  initialization.publish(message);
}

const hooks = {};

/** An instance whose requests look like this. */
function instance(name, requestOf) {
  const fastify = {
    version: "99.0.0",
    addHook(_event, hook) {
      hooks[name] = (raw, done) => hook(requestOf(raw, `/${name}/:given`), {}, done);
    },
  };
  initialization.publish({ fastify });
}

instance("nothing", () => ({}));
instance("raw", (raw) => ({ raw }));
instance("options", (raw, url) => ({ raw, routeOptions: { url } }));
instance("options-404", (raw) => ({ raw, routeOptions: {} }));
instance("router-path", (raw, routerPath) => ({ raw, routerPath }));
instance("router-path-404", (raw) => ({ raw, routerPath: undefined }));
instance("odd-context", (raw, url) => ({ raw, routeOptions: { url }, [Symbol("fastify.context")]: 1 }));

const server = createServer((req, res) => {
  const [, name] = req.url.split("/");
  hooks[name](req, () => res.end("answered"));
});
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
