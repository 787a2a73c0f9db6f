import assert from "node:assert/strict";
import { AggregationTemporality, AggregationType, InstrumentType } from "@opentelemetry/sdk-metrics";
import { createOtlpExporter } from "../../src/exporter/otlp/otlp.ts";

const LOG = { error: assert.fail, warn: assert.fail, info: assert.fail };

describe("the OTLP exporter", () => {
  for (const otlpProtocol of ["http/protobuf", "http/json", "grpc"] as const) {
    for (const [otlpHistogramAggregation, ofHistograms] of [
      ["explicit_bucket_histogram", AggregationType.DEFAULT],
      ["base2_exponential_bucket_histogram", AggregationType.EXPONENTIAL_HISTOGRAM],
    ] as const) {
      it(`over ${otlpProtocol} with ${otlpHistogramAggregation}`, async () => {
        const exporter = createOtlpExporter(
          { otlpProtocol, otlpUrl: undefined, otlpVariables: {}, otlpHistogramAggregation },
          LOG,
        );
        assert.equal(exporter.selectAggregation?.(InstrumentType.HISTOGRAM).type, ofHistograms);
        assert.equal(exporter.selectAggregation?.(InstrumentType.COUNTER).type, AggregationType.DEFAULT);
        assert.equal(
          exporter.selectAggregationTemporality?.(InstrumentType.COUNTER),
          AggregationTemporality.CUMULATIVE,
          "the specification's default",
        );
        await exporter.shutdown();
      });
    }
  }
});
