// Hono, as CommonJS: `node hono.cjs hono3 hono-node-server1`
const { hono } = require("./shapes/hono.cjs");

const [framework, server] = process.argv.slice(2);
hono({
  ...require(framework),
  ...require(server),
  ...require(`${server}/serve-static`),
  ...require(`${framework}/basic-auth`),
  ...require(`${framework}/cors`),
  ...require(`${framework}/router/linear-router`),
});
