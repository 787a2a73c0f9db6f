/** Which format and coding a scraper gets, by what it says it accepts. */
import assert from "node:assert/strict";
import {
  CONTENT_TYPES,
  type ExpositionFormat,
  negotiateEncoding,
  negotiateFormat,
} from "../../src/exporter/prometheus/format.ts";

interface Row {
  readonly scraper: string;
  readonly accept: string | undefined;
  readonly format: ExpositionFormat;
}

const ROWS: readonly Row[] = [
  // https://github.com/prometheus/prometheus/blob/v2.45.0/scrape/scrape.go
  {
    scraper: "Prometheus 2",
    accept:
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    format: "openmetrics",
  },
  {
    scraper: "Prometheus 2 with native histograms",
    accept:
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    format: "openmetrics",
  },
  // https://prometheus.io/docs/instrumenting/content_negotiation/
  {
    scraper: "Prometheus 3",
    accept:
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
    format: "openmetrics",
  },
  {
    scraper: "Prometheus 3 that prefers text",
    accept:
      "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.3",
    format: "text",
  },
  { scraper: "a scraper of text only", accept: "text/plain;version=0.0.4;q=1,*/*;q=0.1", format: "text" },
  { scraper: "curl", accept: "*/*", format: "text" },
  { scraper: "a browser", accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", format: "text" },
  { scraper: "one that sends no Accept", accept: undefined, format: "text" },
  { scraper: "one that sends an empty Accept", accept: "", format: "text" },
  { scraper: "one that takes only what we have not", accept: "application/json", format: "text" },
  {
    scraper: "one that takes only the draft of OpenMetrics",
    accept: "application/openmetrics-text;version=0.0.1",
    format: "text",
  },
  { scraper: "one that names no version", accept: "application/openmetrics-text", format: "openmetrics" },
  {
    scraper: "one that writes blanks and capitals",
    accept: "Application/OpenMetrics-Text ; Version=1.0.0 ; Q=0.9 , text/plain ; q=0.5",
    format: "openmetrics",
  },
  {
    scraper: "one that quotes the version",
    accept: 'application/openmetrics-text; version="1.0.0"',
    format: "openmetrics",
  },
  {
    scraper: "one that excludes OpenMetrics",
    accept: "application/openmetrics-text;q=0, text/plain;q=0.1",
    format: "text",
  },
  {
    scraper: "one that prefers text, later in the list",
    accept: "application/openmetrics-text;q=0.4, text/plain;q=0.5",
    format: "text",
  },
  {
    scraper: "one whose list is out of shape",
    accept: ",;,text/plain;q=x,application/openmetrics-text;q=0.5,=",
    format: "openmetrics",
  },
];

describe("negotiateFormat", () => {
  for (const { scraper, accept, format } of ROWS) {
    it(`${format}: ${scraper}`, () => assert.equal(negotiateFormat(accept), format));
  }

  it("answers with the content types that the formats prescribe", () => {
    assert.deepEqual(CONTENT_TYPES, {
      text: "text/plain; version=0.0.4; charset=utf-8",
      openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
    });
  });
});

describe("negotiateEncoding", () => {
  for (const [header, compressed] of [
    ["gzip", true],
    ["gzip, deflate, br", true],
    ["deflate, GZIP;q=0.5", true],
    ["*", true],
    [undefined, false],
    ["", false],
    ["identity", false],
    ["gzip;q=0", false],
    ["gzip;q=0, *", false],
    ["*;q=0", false],
    ["br", false],
  ] as const) {
    const encoding = compressed ? "gzip" : "identity";
    it(`${JSON.stringify(header)}: ${encoding}`, () => assert.equal(negotiateEncoding(header), encoding));
  }
});
