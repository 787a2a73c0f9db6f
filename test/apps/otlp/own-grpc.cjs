// A server that exports over gRPC itself, to the collector that otel-red exports to. /stop closes it with an export of its own under way.
const { createServer } = require("node:http");
const { OTLPMetricExporter } = require("@opentelemetry/exporter-metrics-otlp-grpc");
const { emptyResource } = require("@opentelemetry/resources");

const exporter = new OTLPMetricExporter({ timeoutMillis: 2000 });

const server = createServer((request, response) => {
  if (request.url === "/stop") {
    response.setHeader("connection", "close");
    server.close();
    exporter.export({ resource: emptyResource(), scopeMetrics: [] }, ({ error }) => console.log(`own: ${error?.code}`));
  }
  response.end("ok");
});
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
