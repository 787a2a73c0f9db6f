/** Tells OpenTelemetry the route of a request that no router has seen, as an instrumentation of a framework would. */
exports.routed = (route) => {
  // not before it is needed: start-up is measured with this file, too
  const { context } = require("@opentelemetry/api");
  const { getRPCMetadata } = require("@opentelemetry/core");
  const metadata = getRPCMetadata(context.active());
  if (metadata) metadata.route = route;
};
