// Has the system refuse port 80, with EACCES or with the code in ERROR_CODE.
const { Server } = require("node:net");

const { listen } = Server.prototype;
Server.prototype.listen = function (...args) {
  if (args[0]?.port !== 80) return listen.apply(this, args);
  const code = process.env.ERROR_CODE ?? "EACCES";
  const error = Object.assign(new Error(`listen ${code}: refused by the test`), { code });
  process.nextTick(() => this.emit("error", error));
  return this;
};
