// Restify, as CommonJS: `node restify.cjs restify11`
const { restify } = require("./shapes/restify.cjs");

restify(require(process.argv[2]));
