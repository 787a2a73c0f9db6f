// As in a folder that was unpacked somewhere, without a node_modules in reach.
const Module = require("node:module");

const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
  if (!name.startsWith("@opentelemetry/")) return resolve.call(this, name, ...rest);
  throw Object.assign(new Error(`Cannot find module '${name}'\nRequire stack: …`), { code: "MODULE_NOT_FOUND" });
};
