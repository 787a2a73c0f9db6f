/**
 * Routes of small servers and routers: `router`, connect, polka, h3. Version × shape × expected path and status, written from
 * their documentation.
 */
import { type FrameworkRow, testFramework } from "../support/framework-tables.ts";
import { amongPrevious, installPrevious, previousApp, previousPackage } from "../support/previous.ts";

const ROUTER = "https://github.com/pillarjs/router#";

// biome-ignore format: a table, one row a line
const ROUTER_ROWS: readonly FrameworkRow[] = [
  ["the root", "GET /", "/", 200, `${ROUTER}routermethodpath-middleware-handler`],
  ["a parameter", "GET /users/42?a=b", "/users/:id", 200, `${ROUTER}routermethodpath-middleware-handler`],
  ["router.route()", "POST /pets/42", "/pets/:pet", 422, `${ROUTER}routerroutepath`],
  ["a nested router", "GET /bases/7/things/42", "/bases/:base/things/:thing", 200, `${ROUTER}nested-router-example`],
  ["a handler under a mount", "GET /static/a/b.css", "/static/*", 200, `${ROUTER}routerusepath-middleware`],
  ["no route", "GET /nothing/42", "unmatched", 404, `${ROUTER}routerusepath-middleware`],
  ["no route in a nested router", "GET /bases/7/nothing", "unmatched", 404, `${ROUTER}nested-router-example`],
];

testFramework(
  "router",
  [
    { version: "2", args: ["router.cjs", "router"] },
    { version: "1", args: ["router.cjs", "router1"] },
    { version: "2", args: ["router.mjs"] },
    { version: "1", args: ["router.mjs", "router1"] },
  ],
  ROUTER_ROWS,
);

const CONNECT = "https://github.com/senchalabs/connect#";

// biome-ignore format: a table, one row a line
const CONNECT_ROWS: readonly FrameworkRow[] = [
  ["the first request, that nobody answers", "GET /wp-login.php", "unmatched", 404, `${CONNECT}appuseroute-fn`],
  ["a mount", "GET /api/users/42", "/api/*", 200, `${CONNECT}mount-middleware`],
  ["a mount, in another case", "GET /API/users/42", "/api/*", 200, `${CONNECT}mount-middleware`],
  ["a mount itself, with a query", "GET /api?page=2", "/api/*", 200, `${CONNECT}mount-middleware`],
  ["a mount that answers later", "GET /later/42", "/later/*", 200, `${CONNECT}mount-middleware`],
  ["a mount that passes on", "GET /api/passed/42", "unmatched", 404, `${CONNECT}mount-middleware`],
  ["what only looks like the mount", "GET /apis/42", "unmatched", 404, `${CONNECT}mount-middleware`],
  ["an application in an application", "GET /outer/inner/42", "/outer/*", 200, `${CONNECT}appuseroute-fn`],
  ["what is not mounted: there is no router", "GET /plain/users/42", "/plain/users/:id", 200, `${CONNECT}use-middleware`],
  ["an error that middleware answers", "GET /fails/42", "/fails/:id", 500, `${CONNECT}error-middleware`],
  ["middleware refuses", "GET /api/users/42", "unmatched", 401, `${CONNECT}use-middleware`, { headers: { "x-stop": "1" } }],
];

testFramework(
  "connect",
  [
    { version: "3", args: ["connect.cjs", "connect"] },
    { version: "3", args: ["connect.mjs"] },
    { version: "2", args: ["connect.cjs", previousPackage("connect")], prepare: installPrevious },
  ],
  CONNECT_ROWS,
);

const POLKA = "https://github.com/lukeed/polka#";

// biome-ignore format: a table, one row a line
const POLKA_ROWS: readonly FrameworkRow[] = [
  // before any route has answered: it is polka's server, so this is no plain server's path
  ["the first request, without a route", "GET /wp-login.php", "unmatched", 404, `${POLKA}routing`],
  ["the root", "GET /", "/", 200, `${POLKA}routing`],
  ["a parameter", "GET /users/42?a=b", "/users/:id", 200, `${POLKA}patterns`],
  ["another method", "PUT /users/42", "/users/:id", 422, `${POLKA}methods`],
  ["an optional parameter, given", "GET /users/42/books/some", "/users/:id/books/:title?", 200, `${POLKA}patterns`],
  ["an optional parameter, not given", "GET /users/42/books", "/users/:id/books/:title?", 200, `${POLKA}patterns`],
  ["a wildcard", "GET /files/a/b.txt", "/files/*", 200, `${POLKA}patterns`],
  ["any method", "DELETE /anything/42", "/anything/:id", 200, `${POLKA}methods`],
  ["a handler that answers later", "GET /later/42", "/later/:id", 200, `${POLKA}async-handlers`],
  ["a route with middleware of its own", "GET /checked/42", "/checked/:id", 200, `${POLKA}middleware`],
  ["middleware of a route refuses", "GET /checked/0", "/checked/:id", 403, `${POLKA}middleware`],
  ["an application in an application", "GET /items/7/parts/42?a=b", "/items/:item/parts/:part", 200, `${POLKA}usebase-fn`],
  ["the root of an application in an application", "GET /items", "/items", 200, `${POLKA}usebase-fn`],
  ["middleware refuses", "GET /users/42", "unmatched", 401, `${POLKA}middleware`, { headers: { "x-stop": "1" } }],
  ["no route", "GET /nothing/42", "unmatched", 404, `${POLKA}routing`],
];

testFramework(
  "polka",
  [
    { version: "0.5", args: ["polka.cjs", "polka"] },
    { version: "1", args: ["polka.cjs", "polka1"] },
    { version: "0.5", args: ["polka.mjs"] },
    { version: "1", args: ["polka.mjs", "polka1"] },
  ],
  POLKA_ROWS,
);

const H3 = "https://h3.dev/guide/basics/";

// biome-ignore format: a table, one row a line
const H3_ROWS: readonly FrameworkRow[] = [
  // before any route has answered: it is h3's server, so this is no plain server's path
  ["the first request, without a route", "GET /wp-login.php", "unmatched", 404, `${H3}routing`],
  ["the root", "GET /", "/", 200, `${H3}routing#adding-routes`],
  ["a parameter", "GET /users/42?a=b", "/users/:id", 200, `${H3}routing#dynamic-routes`],
  ["a handler that refuses", "POST /users", "/users", 422, `${H3}response`],
  ["any method", "DELETE /anything/42", "/anything/:id", 200, `${H3}routing#adding-routes`],
  ["a wildcard", "GET /files/a/b.txt", "/files/**", 200, `${H3}routing#wildcard-routes`],
  ["a wildcard with a name", "GET /named/a/b.txt", "/named/**:path", 200, `${H3}routing#wildcard-routes`, { only: ["2"] }],
  ["a handler that throws", "GET /throws/42", "/throws/:id", 503, `${H3}error`],
  ["a handler that answers later", "GET /later/42", "/later/:id", 200, `${H3}handler`],
  ["a nested application", "GET /api/items/42", "/api/items/:item", 200, `${H3}nested-apps`],
  ["a router under a mount", "GET /mounted/things/42", "/mounted/things/:thing", 200, "https://v1.h3.dev/guide/app", { only: ["1"] }],
  ["what is mounted from elsewhere", "GET /foreign/a/b", "/foreign/**", 200, `${H3}nested-apps`, { only: ["2"] }],
  ["an application that is mounted by its fetch", "GET /fetched/items/42", "/fetched/items/:item", 200, `${H3}nested-apps`, { only: ["2"] }],
  ["no route in one that is mounted so", "GET /fetched/nothing", "/fetched/**", 404, `${H3}nested-apps`, { only: ["2"] }],
  ["withBase()", "GET /based/items/42", "/based/items/:item", 200, "https://h3.dev/utils/more#withbasebase-input", { only: ["2"] }],
  ["an application that gets the whole path from a handler", "GET /whole/parts/42", "/whole/parts/:part", 200, `${H3}nested-apps`, { only: ["2"] }],
  ["a handler that asks another application", "GET /asks/42", "/asks/:id", 404, `${H3}nested-apps`, { only: ["2"] }],
  ["no route in a nested application", "GET /api/nothing/42", { "1": "/api/**", "2": "unmatched" }, 404, `${H3}nested-apps`],
  ["middleware refuses, without a route", "GET /nothing/42", "unmatched", 401, `${H3}middleware`, { headers: { "x-stop": "1" } }],
  ["no route", "GET /nothing/42", "unmatched", 404, `${H3}routing`],
];

testFramework(
  "h3",
  [
    { version: "2", args: ["h3.mjs"] },
    { version: "1", args: ["h3-1.mjs"] },
    { version: "1", args: ["h3-1.cjs"] },
    { version: "2", args: ["h3.mjs"], nodeVersion: "20" },
  ],
  H3_ROWS,
);

const TINYHTTP = "https://tinyhttp.v1rtl.site/docs#";

// biome-ignore format: a table, one row a line
const TINYHTTP_ROWS: readonly FrameworkRow[] = [
  ["the root", "GET /", "/", 200, `${TINYHTTP}routing`],
  ["a parameter", "GET /users/ada?a=b", "/users/:id", 200, `${TINYHTTP}routing`],
  ["another method", "PUT /users/ada", "/users/:id", 422, `${TINYHTTP}routing`],
  ["a wildcard", "GET /files/a/b.txt", "/files/*", 200, `${TINYHTTP}routing`],
  ["a handler that answers later", "GET /later/ada", "/later/:id", 200, `${TINYHTTP}async-handlers`],
  ["an application in an application", "GET /api/items/42", "/api/items/:id", 200, `${TINYHTTP}subapps`],
  ["middleware refuses", "GET /users/42", "unmatched", 401, `${TINYHTTP}middleware`, { headers: { "x-stop": "1" } }],
  ["without its setting, a parameter", "GET /users/42", "/users/:id", 200, `${TINYHTTP}settings`, { server: "second" }],
  ["without its setting, an application in an application", "GET /api/items/42", "/api/items/:id", 200, `${TINYHTTP}subapps`, { server: "second" }],
  ["no route", "GET /nothing/42", "unmatched", 404, `${TINYHTTP}routing`],
];

const TINYHTTP_SAID =
  "otel-red: tinyhttp shows its routes with new App({ settings: { enableReqRoute: true } }) only, " +
  "and those of mounted applications not at all: without, paths are normalised";

testFramework(
  "tinyhttp",
  [
    ["3", "@tinyhttp/app"],
    ["2", "tinyhttp2-app"],
  ].map(([version = "", name = ""]) => ({
    version,
    args: [previousApp("routes-frameworks/tinyhttp.mjs"), name],
    prepare: () => {
      installPrevious();
      amongPrevious("routes-frameworks");
    },
    said: [TINYHTTP_SAID],
  })),
  TINYHTTP_ROWS,
);
