// connect, as CommonJS.
const { connect } = require("./shapes/connect.cjs");

connect(require("connect"));
