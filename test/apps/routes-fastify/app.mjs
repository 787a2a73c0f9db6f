// ES modules: `node app.mjs fastify4`
import fastify5 from "fastify";
import fastify4 from "fastify4";
import { shapes } from "./shapes.cjs";

console.log(process.argv[2] === "fastify4" ? await shapes(fastify4, 4) : await shapes(fastify5, 5));
