// connect, as CommonJS: `node connect.cjs connect`, or the path of another version
const { connect } = require("./shapes/connect.cjs");

connect(require(process.argv[2]));
