// h3 1, as CommonJS.
const { h3 } = require("./shapes/h3-1.cjs");

h3({ ...require("node:http"), ...require("h31") });
