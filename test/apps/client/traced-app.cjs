const { get } = require("node:http");
const { callTraced } = require("./traced.cjs");

callTraced(get);
