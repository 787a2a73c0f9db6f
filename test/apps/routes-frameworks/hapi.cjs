// hapi, as CommonJS: `node hapi.cjs hapi20`
const { hapi } = require("./shapes/hapi.cjs");

hapi(require(process.argv[2]));
