// CommonJS: `node app.cjs fastify4`
const { shapes } = require("./shapes.cjs");

const fastify = process.argv[2] === "fastify4" ? require("fastify4") : require("fastify");

shapes(fastify, process.argv[2] === "fastify4" ? 4 : 5).then((said) => console.log(said));
