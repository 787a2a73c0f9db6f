/**
 * Programs from npm as their users start them, a handful of their own pages and APIs, and the path label that is expected
 * for each: from the framework that the program is built on.
 */
import type { ProgramRequest } from "../../support/program-run.ts";

type Request = readonly [
  request: string,
  /** The label: the template of the framework that the program is built on; where it has no router, the normalised path. */
  path: string,
  status: number,
  details?: Pick<ProgramRequest, "headers" | "body">,
];

export interface Program {
  readonly what: string;
  readonly package: string;
  /** In its package. */
  readonly script: string;
  readonly args: (port: number) => readonly string[];
  /** What is in the folder that it is started in. Default: nothing. */
  readonly files?: Readonly<Record<string, string>>;
  /** A folder of its package that the program itself offers as a start. */
  readonly template?: string;
  /** Where the program's paths come from. */
  readonly docs: string;
  readonly requests: readonly Request[];
}

const JSON_BODY = { "content-type": "application/json" };
const PAGES = {
  "index.html": "<h1>Home</h1>\n",
  "guide/index.html": "<h1>Guide</h1>\n",
  "guide/42.txt": "forty-two\n",
};

const PETS = `openapi: 3.0.3
info: { title: pets, version: "1" }
paths:
  /pets/{id}:
    get:
      parameters: [{ name: id, in: path, required: true, schema: { type: integer }, example: 7 }]
      responses: { "200": { description: found, content: { application/json: { example: { id: 7, name: Rex } } } } }
`;
const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "b3RlbC1yZWQgb3RlbC1yZQ==",
};

const PUBLISHED = JSON.stringify({
  name: "left-pad",
  versions: {
    "1.0.0": {
      name: "left-pad",
      version: "1.0.0",
      dist: { tarball: "http://127.0.0.1/left-pad/-/left-pad-1.0.0.tgz" },
    },
  },
  "dist-tags": { latest: "1.0.0" },
  _attachments: {
    "left-pad-1.0.0.tgz": { content_type: "application/octet-stream", data: "bm8gdGFyYmFsbA==", length: 10 },
  },
});

// biome-ignore format: tables, one row a line
export const PROGRAMS: readonly Program[] = [
  {
    what: "an npm registry, on Express 4",
    package: "verdaccio",
    script: "bin/verdaccio",
    args: (port) => ["--config", "config.yaml", "--listen", `127.0.0.1:${port}`],
    files: {
      "config.yaml": "storage: ./storage\npackages:\n  '**': { access: $all, publish: $all }\nlog: { type: stdout, format: json, level: info }\n",
    },
    docs: "https://github.com/verdaccio/verdaccio/tree/6.x/src/api/endpoint/api",
    requests: [
      ["GET /-/ping", "/-/ping", 200],
      ["GET /left-pad", "/:package/:version?", 404],
      ["PUT /left-pad", "/:package/:_rev?/:revision?", 201, { headers: JSON_BODY, body: PUBLISHED }],
      ["GET /left-pad", "/:package/:version?", 200],
      ["GET /left-pad/1.0.0", "/:package/:version?", 200],
      ["GET /left-pad/-/left-pad-1.0.0.tgz", "/:package/-/:filename", 200],
      ["GET /-/v1/search?text=left", "/-/v1/search", 200],
      ["GET /", "/", 200],
    ],
  },
  {
    what: "a mock API, on Express 4",
    package: "json-server",
    script: "lib/cli/bin.js",
    args: (port) => ["--host", "127.0.0.1", "--port", `${port}`, "db.json"],
    files: { "db.json": JSON.stringify({ posts: [{ id: 1, title: "one" }], profile: { name: "ada" } }) },
    docs: "https://github.com/typicode/json-server/tree/v0#routes",
    requests: [
      ["GET /posts", "/posts", 200],
      ["GET /posts/1", "/posts/:id", 200],
      ["GET /posts/2", "/posts/:id", 404],
      ["POST /posts", "/posts", 201, { headers: JSON_BODY, body: '{"title":"two"}' }],
      ["PATCH /posts/2", "/posts/:id", 200, { headers: JSON_BODY, body: '{"title":"zwei"}' }],
      ["DELETE /posts/1", "/posts/:id", 200],
      ["GET /profile", "/profile", 200],
      ["GET /nothing/42", "unmatched", 404],
      ["GET /", "/*", 200],
    ],
  },
  {
    what: "a mock API by OpenAPI, without a framework",
    package: "@stoplight/prism-cli",
    script: "dist/index.js",
    args: (port) => ["mock", "--host", "127.0.0.1", "--port", `${port}`, "--multiprocess", "false", "pets.yaml"],
    files: { "pets.yaml": PETS },
    docs: "https://docs.stoplight.io/docs/prism/83dbbd75532cf-http-mocking",
    requests: [
      ["GET /pets/7", "/pets/:id", 200],
      ["GET /pets/7", "/pets/:id", 200, { headers: { prefer: "dynamic=false" } }],
      ["GET /pets/seven", "/pets/seven", 422],
      ["POST /pets/7", "/pets/:id", 405, { headers: JSON_BODY, body: "{}" }],
      ["GET /nothing/42", "/nothing/:id", 404],
    ],
  },
  {
    what: "a broker of WebRTC's connections, on Express 4 with WebSockets",
    package: "peer",
    script: "dist/bin/peerjs.js",
    args: (port) => ["--host", "127.0.0.1", "--port", `${port}`, "--path", "/calls", "--allow_discovery"],
    docs: "https://github.com/peers/peerjs-server/blob/master/src/api/index.ts",
    requests: [
      ["GET /calls", "/calls", 200],
      ["GET /calls/peerjs/peers", "/calls/:key/peers", 200],
      ["GET /calls/peerjs/id", "/calls/:key/id", 200],
      ["GET /calls/peerjs?key=peerjs&id=ada&token=1", "/calls/peerjs", 101, { headers: UPGRADE }],
      ["GET /nothing/42", "unmatched", 404],
    ],
  },
  {
    what: "a server of files, without a framework",
    package: "http-server",
    script: "bin/http-server",
    args: (port) => ["-a", "127.0.0.1", "-p", `${port}`, "."],
    files: PAGES,
    docs: "https://github.com/http-party/http-server#readme",
    requests: [
      ["GET /", "/", 200],
      ["GET /guide", "/guide", 302],
      ["GET /guide/42.txt", "/guide/:id.txt", 200],
      ["GET /guide/42.txt", "/guide/:id.txt", 206, { headers: { range: "bytes=0-3" } }],
      ["GET /nothing/42", "/nothing/:id", 404],
    ],
  },
  {
    what: "a server of files, without a framework",
    package: "serve",
    script: "build/main.js",
    args: (port) => ["--listen", `tcp://127.0.0.1:${port}`, "--no-clipboard", "."],
    files: PAGES,
    docs: "https://github.com/vercel/serve-handler#readme",
    requests: [
      ["GET /", "/", 200],
      ["GET /guide", "/guide", 200],
      ["GET /guide/42.txt", "/guide/:id.txt", 200],
      ["GET /nothing/42", "/nothing/:id", 404],
    ],
  },
  {
    what: "a wiki in files, with a router of its own",
    package: "tiddlywiki",
    script: "tiddlywiki.js",
    args: (port) => [".", "--listen", "host=127.0.0.1", `port=${port}`],
    files: { "tiddlywiki.info": JSON.stringify({ plugins: ["tiddlywiki/tiddlyweb", "tiddlywiki/filesystem"], themes: ["tiddlywiki/vanilla"] }) },
    docs: "https://tiddlywiki.com/#WebServer%20API",
    requests: [
      ["GET /status", "/status", 200],
      ["PUT /recipes/default/tiddlers/42", "/recipes/default/tiddlers/:id", 204, { headers: { ...JSON_BODY, "x-requested-with": "TiddlyWiki" }, body: '{"title":"42","text":"forty-two"}' }],
      ["GET /recipes/default/tiddlers/42", "/recipes/default/tiddlers/:id", 200],
      ["GET /42", "/:id", 200],
      ["GET /recipes/default/tiddlers.json", "/recipes/default/tiddlers.json", 200],
      ["DELETE /bags/default/tiddlers/42", "/bags/default/tiddlers/:id", 204, { headers: { "x-requested-with": "TiddlyWiki" } }],
      ["GET /recipes/default/tiddlers/42", "/recipes/default/tiddlers/:id", 404],
      ["GET /", "/", 200],
    ],
  },
  {
    what: "a preview server, without a framework",
    package: "@11ty/eleventy-dev-server",
    script: "cmd.js",
    args: (port) => ["--dir=.", `--port=${port}`],
    files: PAGES,
    docs: "https://www.11ty.dev/docs/dev-server/",
    requests: [
      ["GET /", "/", 200],
      ["GET /guide/", "/guide", 200],
      ["GET /guide", "/guide", 301],
      ["GET /guide/42.txt", "/guide/:id.txt", 200],
      ["GET /.11ty/reload-client.js", "/.11ty/reload-client.js", 200],
      ["GET /nothing/42", "/nothing/:id", 404],
    ],
  },
  {
    what: "remote developer tools, on Koa 2 with koa-router 13",
    package: "chii",
    script: "bin/chii.js",
    args: (port) => ["start", "--host", "127.0.0.1", "--port", `${port}`, "--base-path", "/tools/"],
    docs: "https://github.com/liriliri/chii/blob/master/server/middle/router.js",
    requests: [
      ["GET /tools/", "/tools/", 200],
      ["GET /tools/targets", "/tools/targets", 200],
      ["GET /tools/target.js", "/tools/target.js", 200],
      ["GET /tools/front_end/chii_app.html", "/tools/front_end/:staticPath(.*)", 200],
      ["GET /tools/front_end/nothing/42", "/tools/front_end/:staticPath(.*)", 404],
      ["POST /tools/targets", "unmatched", 404],
      ["GET /nothing/42", "unmatched", 404],
    ],
  },
  {
    what: "an object store, on Koa 2 with @koa/router 9",
    package: "s3rver",
    script: "bin/s3rver.js",
    args: (port) => ["--address", "127.0.0.1", "--port", `${port}`, "--directory", "storage", "--configure-bucket", "shop"],
    files: { "storage/.keep": "" },
    docs: "https://github.com/jamhall/s3rver/blob/main/lib/routes.js",
    requests: [
      ["PUT /shop/notes/42.txt", "/:bucket/:key+", 200, { headers: { "content-type": "text/plain" }, body: "forty-two" }],
      ["GET /shop/notes/42.txt", "/:bucket/:key+", 200],
      ["GET /shop/notes/42.txt", "/:bucket/:key+", 206, { headers: { range: "bytes=0-3" } }],
      ["HEAD /shop/notes/42.txt", "/:bucket/:key+", 200],
      ["GET /shop/notes/43.txt", "/:bucket/:key+", 404],
      ["GET /shop", "/:bucket", 200],
      ["DELETE /shop/notes/42.txt", "/:bucket/:key+", 204],
      ["GET /nothing", "/:bucket", 404],
      ["GET /", "/", 200],
    ],
  },
  {
    what: "the application that `fastify generate` makes, on Fastify 5",
    package: "fastify-cli",
    script: "cli.js",
    args: (port) => ["start", "--log-level", "info", "--address", "127.0.0.1", "--port", `${port}`, "app.js"],
    template: "templates/app",
    docs: "https://github.com/fastify/fastify-cli/tree/main/templates/app/routes",
    requests: [
      ["GET /", "/", 200],
      ["GET /example", "/example", 200],
      ["HEAD /example", "/example", 200],
      ["POST /example", "unmatched", 404],
      ["GET /nothing/42", "unmatched", 404],
    ],
  },
];
