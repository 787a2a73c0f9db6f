// One process with two versions of one framework, each of its own package.
const { createServer } = require("node:http");
const neu = require("@loading/new");
const old = require("@loading/old");

const server = createServer((request, response) => (request.url.startsWith("/old/") ? old : neu)(request, response));
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
