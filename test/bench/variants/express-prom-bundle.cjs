/** express-prom-bundle as its README has it, with method and path. */
const promBundle = require("express-prom-bundle");

exports.express = (app) => {
  app.use(promBundle({ includeMethod: true, includePath: true, buckets: require("./buckets.cjs") }));
};
