// Has an idle connection last a minute at any server of this process, whatever the server itself says.
const { Server } = require("node:http");

Object.defineProperty(Server.prototype, "keepAliveTimeout", { get: () => 60_000, set() {} });
