// The package `router`, as CommonJS: `node router.cjs router1`
const { router } = require("./shapes/router.cjs");

router(require(process.argv[2]));
