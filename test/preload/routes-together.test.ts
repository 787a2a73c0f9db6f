/**
 * Routes where frameworks are used together, and of what is built on others: written from their documentation.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type FrameworkRow, testFramework } from "../support/framework-tables.ts";
import { installPrevious, previousPackage } from "../support/previous.ts";

const FEATHERS = "https://feathersjs.com/api/application.html#usepath-service--options";
const SERVICES = "https://feathersjs.com/api/services.html#service-methods";
const JSON_BODY = { headers: { "content-type": "application/json" }, body: "{}" };

/** 4 registers its services as routes of Express, and names their items so. */
const ITEM = {
  "5 on Express": "/messages/:id",
  "5 on Koa": "/messages/:id",
  "4 on Express": "/messages/:__feathersId",
};
const USERS_ITEM = {
  "5 on Express": "/users/:userId/messages/:id",
  "5 on Koa": "/users/:userId/messages/:id",
  "4 on Express": "/users/:userId/messages/:__feathersId",
};

// biome-ignore format: a table, one row a line
const FEATHERS_ROWS: readonly FrameworkRow[] = [
  ["the items of a service", "GET /messages", "/messages", 200, SERVICES],
  ["an item of a service", "GET /messages/42?$select=id", ITEM, 200, SERVICES],
  ["an item that is created", "POST /messages", "/messages", 201, SERVICES, JSON_BODY],
  ["an item that there is not", "GET /messages/0", ITEM, 404, SERVICES],
  ["a method that a service lacks", "DELETE /messages/42", ITEM, 405, SERVICES],
  ["a service with parameters", "GET /users/7/messages/42", USERS_ITEM, 200, FEATHERS],
  ["a route of Express", "GET /plain/42", "/plain/:id", 200, "https://feathersjs.com/api/express.html", { only: ["5 on Express", "4 on Express"] }],
  ["no service", "GET /nothing/42", "unmatched", 404, FEATHERS],
];

testFramework(
  "Feathers",
  [
    { version: "5 on Express", args: ["feathers.cjs", "express"] },
    { version: "5 on Koa", args: ["feathers.cjs", "koa"] },
    { version: "4 on Express", args: ["feathers.cjs", "express4", previousPackage("")], prepare: installPrevious },
  ],
  FEATHERS_ROWS,
);

const TRPC = "https://trpc.io/docs/rpc";

// biome-ignore format: a table, one row a line
const TRPC_ROWS: readonly FrameworkRow[] = [
  ["a procedure", "GET /greeting", "/greeting", 200, TRPC],
  ["a procedure of a nested router", "GET /user.byId?input=%7B%22id%22%3A1%7D", "/user.byId", 200, TRPC],
  ["a mutation", "POST /user.create", "/user.create", 200, TRPC, JSON_BODY],
  ["a procedure that refuses", "GET /user.secret", "/user.secret", 403, `${TRPC}#error-codes--http-status`],
  ["no procedure", "GET /nothing", "/nothing", 404, `${TRPC}#error-codes--http-status`],
];

testFramework(
  "tRPC, standalone",
  [
    { version: "11", args: ["trpc.cjs", "@trpc/server"] },
    { version: "10", args: ["trpc.cjs", "trpc10"] },
  ],
  TRPC_ROWS,
);

const YOGA = "https://the-guild.dev/graphql/yoga-server/docs/features/introspection";
const OPERATION = { ...JSON_BODY, body: JSON.stringify({ query: "query Greeting { hello }" }) };

// biome-ignore format: a table, one row a line
const YOGA_ROWS: readonly FrameworkRow[] = [
  ["an operation", "POST /graphql", "/graphql", 200, YOGA, OPERATION],
  ["an operation in the query", "GET /graphql?query=%7Bhello%7D", "/graphql", 200, YOGA],
  ["an operation that is none", "POST /graphql", "/graphql", 200, YOGA, { ...JSON_BODY, headers: { ...JSON_BODY.headers, accept: "application/json" }, body: '{"query":"{ nothing }"}' }],
];

testFramework(
  "GraphQL Yoga",
  [
    { version: "5", args: ["graphql.cjs", "yoga", "graphql-yoga"] },
    { version: "4", args: ["graphql.cjs", "yoga", "yoga4"] },
  ],
  YOGA_ROWS,
);

const APOLLO = "https://www.apollographql.com/docs/apollo-server/api/standalone";

// biome-ignore format: a table, one row a line
const APOLLO_ROWS: readonly FrameworkRow[] = [
  // 4 is Express without a route
  ["an operation", "POST /", "/", 200, APOLLO, OPERATION],
  ["an operation that is none", "POST /", { "4": "unmatched", "5": "/" }, 400, APOLLO, { ...JSON_BODY, body: '{"query":"{ nothing }"}' }],
];

testFramework(
  "Apollo Server",
  [
    { version: "5", args: ["graphql.cjs", "apollo", "@apollo/server"] },
    { version: "4", args: ["graphql.cjs", "apollo", "apollo4"] },
  ],
  APOLLO_ROWS,
);

const FASTIFY_EXPRESS = "https://github.com/fastify/fastify-express#usage";
const MIDDIE = "https://github.com/fastify/middie#usage";
const ROUTING = "https://fastify.dev/docs/latest/Reference/Server/#routing";
const EXPRESS = "https://expressjs.com/en/guide/routing.html";
const MOUNTS = "https://expressjs.com/en/api.html#path-examples";

// biome-ignore format: a table, one row a line
const TOGETHER_ROWS: readonly FrameworkRow[] = [
  ["two applications in a process: Express", "GET /first/42", "/first/:id", 200, EXPRESS],
  ["two applications in a process: Fastify", "GET /second/42", "/second/:id", 200, ROUTING, { server: "second" }],
  ["two applications in a process: a route of the other one", "GET /second/42", "unmatched", 404, EXPRESS],

  ["Express in Fastify: its route", "GET /express/users/42", "/express/users/:id", 200, FASTIFY_EXPRESS, { server: "expressInFastify" }],
  ["Express in Fastify: its mount", "GET /mounted/42", "/mounted/*", 200, FASTIFY_EXPRESS, { server: "expressInFastify" }],
  ["Express in Fastify: Fastify's route", "GET /fastify/42", "/fastify/:id", 200, FASTIFY_EXPRESS, { server: "expressInFastify" }],
  ["Express in Fastify: no route in either", "GET /express/nothing/42", "unmatched", 404, FASTIFY_EXPRESS, { server: "expressInFastify" }],

  ["middleware in Fastify passes on", "GET /fastify/42", "/fastify/:id", 200, MIDDIE, { server: "middleware" }],
  ["middleware in Fastify refuses", "GET /fastify/42", "/fastify/:id", 401, MIDDIE, { server: "middleware", headers: { "x-stop": "1" } }],
  ["middleware in Fastify refuses where there is no route", "GET /nothing/42", "unmatched", 401, MIDDIE, { server: "middleware", headers: { "x-stop": "1" } }],

  ["Fastify in Express: Express's route", "GET /express/42", "/express/:id", 200, ROUTING, { server: "fastifyInExpress" }],
  ["Fastify in Express: its route", "GET /api/users/42", "/api/users/:id", 200, ROUTING, { server: "fastifyInExpress" }],
  ["Fastify in Express: no route of Fastify's", "GET /api/nothing/42", "unmatched", 404, ROUTING, { server: "fastifyInExpress" }],
  ["Fastify in Express: no route of Express's", "GET /nothing/42", "unmatched", 404, ROUTING, { server: "fastifyInExpress" }],

  ["Fastify under a mount of Express", "GET /fastify/users/42?a=b", "/fastify/users/:id", 200, MOUNTS, { server: "mountedInExpress" }],
  ["Fastify under a mount with a parameter", "GET /tenants/acme/fastify/users/42", "/tenants/:tenant/fastify/users/:id", 200, MOUNTS, { server: "mountedInExpress" }],
  ["Koa under a mount of Express", "GET /koa/users/42?a=b", "/koa/users/:id", 200, MOUNTS, { server: "mountedInExpress" }],
  ["Koa under a mount with a parameter", "GET /tenants/acme/koa/users/42", "/tenants/:tenant/koa/users/:id", 200, MOUNTS, { server: "mountedInExpress" }],
  ["Hono under a mount of Express", "GET /hono/users/42?a=b", "/hono/users/:id", 200, MOUNTS, { server: "mountedInExpress" }],
  ["Hono under a mount with a parameter", "GET /tenants/acme/hono/users/42", "/tenants/:tenant/hono/users/:id", 200, MOUNTS, { server: "mountedInExpress" }],
  ["h3 under a mount of Express", "GET /h3/users/42?a=b", "/h3/users/:id", 200, MOUNTS, { server: "mountedInExpress" }],
  ["h3 under a mount with a parameter", "GET /tenants/acme/h3/users/42", "/tenants/:tenant/h3/users/:id", 200, MOUNTS, { server: "mountedInExpress" }],
  ["another value of that parameter", "GET /tenants/other/h3/users/42", "/tenants/:tenant/h3/users/:id", 200, MOUNTS, { server: "mountedInExpress" }],
  ["no route in Koa under a mount", "GET /koa/nothing", "/koa/*", 404, MOUNTS, { server: "mountedInExpress" }],
  ["Fastify under a mount of Express that gives it the whole path", "GET /whole/42", "/whole/:id", 200, MOUNTS, { server: "mountedInExpress" }],
];

const FASTIFY = [
  { version: "with Fastify 5", args: ["together.cjs", "5"] },
  { version: "with Fastify 4", args: ["together.cjs", "4"] },
] as const;
testFramework("Frameworks together,", FASTIFY, TOGETHER_ROWS);

const PROXY = "https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#http-server";

// biome-ignore format: a table, one row a line
const PROXY_ROWS: readonly FrameworkRow[] = [
  ["by http-proxy: its own request, once", "GET /users/42", "/users/:id", 203, PROXY, { server: "proxied" }],
  ["by hand: its own request, once", "GET /users/42", "/users/:id", 203, PROXY, { server: "plain" }],
  ["of a body", "POST /users/42", "/users/:id", 203, PROXY, { server: "proxied", ...JSON_BODY }],
];

describe("A proxy", () => {
  let upstream: Server;
  before((done) => {
    upstream = createServer((req, res) => req.resume().on("end", () => res.writeHead(203).end("from upstream")));
    upstream.listen(0, "127.0.0.1", () => {
      process.env.UPSTREAM_PORT = String((upstream.address() as AddressInfo).port);
      done();
    });
  });
  after(() => {
    delete process.env.UPSTREAM_PORT;
    upstream.closeAllConnections();
    upstream.close();
  });
  testFramework("in front of another server,", FASTIFY.slice(0, 1), PROXY_ROWS);
});
