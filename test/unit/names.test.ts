/**
 * What instruments are called by Prometheus: the names that a Collector's Prometheus exporter gives them, as its Go module
 * github.com/prometheus/otlptranslator v1.0.0 (strategy UnderscoreEscapingWithSuffixes) has printed them.
 */
import assert from "node:assert/strict";
import { ValueType } from "@opentelemetry/api";
import { type FamilyType, metricName } from "../../src/exporter/prometheus/names.ts";

const NAMES: readonly [name: string, unit: string, type: FamilyType, expected: string | undefined][] = [
  ["orders", "", "counter", "orders_total"],
  ["orders.total", "", "counter", "orders_total"],
  ["total.orders", "", "counter", "orders_total"],
  ["orders_total", "", "gauge", "orders_total"],
  ["orders", "{order}", "counter", "orders_total"],
  ["orders", "1", "counter", "orders_total"],
  ["http.server.request.duration", "s", "histogram", "http_server_request_duration_seconds"],
  ["http_request_duration_seconds", "s", "histogram", "http_request_duration_seconds"],
  ["seconds.of.waiting", "s", "gauge", "seconds_of_waiting"],
  ["process.cpu.time", "s", "counter", "process_cpu_time_seconds_total"],
  ["process.cpu.time.total", "s", "counter", "process_cpu_time_seconds_total"],
  ["memory.used", "By", "gauge", "memory_used_bytes"],
  ["memory.used", "MiBy", "gauge", "memory_used_mebibytes"],
  ["read", "By/s", "gauge", "read_bytes_per_second"],
  ["read.per.second", "By/s", "gauge", "read_per_second_bytes_per_second"],
  ["rate", "{request}/s", "gauge", "rate_per_second"],
  ["rate", "1/s", "gauge", "rate_per_second"],
  ["speed", "km/h", "gauge", "speed_km_per_hour"],
  ["gravity", "m/s/s", "gauge", "gravity_meters_per_s_s"],
  ["cpu.utilization", "1", "gauge", "cpu_utilization_ratio"],
  ["ratio.of.hits", "1", "gauge", "of_hits_ratio"],
  ["cpu.utilization", " 1", "gauge", "cpu_utilization"],
  ["cpu.utilization", "1", "histogram", "cpu_utilization"],
  ["used", "%", "gauge", "used_percent"],
  ["outside", "Cel", "gauge", "outside_celsius"],
  ["outside", "°C", "gauge", "outside_C"],
  ["odd", "By{heap}", "gauge", "odd"],
  ["odd", "a.", "gauge", "odd_a_"],
  ["odd", "a.", "counter", "odd_a__total"],
  ["odd", "/", "gauge", "odd"],
  ["odd", "s/", "gauge", "odd_seconds"],
  ["1st.place", "", "gauge", "_1st_place"],
  ["job:orders:rate5m", "", "gauge", "job:orders:rate5m"],
  ["a..b--c/d", "", "gauge", "a_b_c_d"],
  ["_hidden_", "", "gauge", "hidden"],
  ["größe", "", "gauge", "gr_e"],
  ["📦", "s", "gauge", "seconds"],
  ["📦", "", "gauge", undefined],
  ["", "", "histogram", undefined],
];

describe("names of instruments", () => {
  for (const [name, unit, type, expected] of NAMES)
    it(`${type} ${JSON.stringify(name)} in ${JSON.stringify(unit)}: ${expected}`, () => {
      assert.equal(metricName({ name, unit, description: "", valueType: ValueType.DOUBLE }, type), expected);
    });

  it("gives OpenMetrics a name in front of the suffix: the one difference", () => {
    const total = { name: "total", unit: "", description: "", valueType: ValueType.INT };
    assert.equal(metricName(total, "counter"), "total_total");
  });
});
