// Koa with @koa/router, as CommonJS: `node koa.cjs koa2 koa-router14`
const { koa } = require("./shapes/koa.cjs");

const [application, router] = process.argv.slice(2);
koa(require(application), require(router));
