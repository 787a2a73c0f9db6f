/** What is changed in copies of the configuration, and what is left alone. */
import { equal } from "node:assert/strict";
import { type Change, hastened, onPorts } from "../support/otel-config/copy.ts";

const MOVED = onPorts({ 9464: 40_001, 9093: 40_002 });
const SIXTY_TIMES = hastened(60);

const CASES: readonly { change: Change; text: string; changed: string }[] = [
  { change: MOVED, text: "targets: [localhost:9464]", changed: "targets: [localhost:40001]" },
  { change: MOVED, text: "http://127.0.0.1:9093/", changed: "http://127.0.0.1:40002/" },
  { change: MOVED, text: "localhost:94640 prod:9464", changed: "localhost:94640 prod:9464" },
  { change: SIXTY_TIMES, text: "rate(a_total[5m])", changed: "rate(a_total[5000ms])" },
  { change: SIXTY_TIMES, text: "max_over_time(a[1d:1m])", changed: "max_over_time(a[1440000ms:1000ms])" },
  { change: SIXTY_TIMES, text: "a offset 1w", changed: "a offset 10080000ms" },
  { change: SIXTY_TIMES, text: "  for: 2m", changed: "  for: 2000ms" },
  {
    change: SIXTY_TIMES,
    text: "group_wait: 30s\ngroup_interval: 5m",
    changed: "group_wait: 1000ms\ngroup_interval: 5000ms",
  },
  { change: SIXTY_TIMES, text: "a:rate5m > 1 # 5m", changed: "a:rate5m > 1 # 5m" },
  { change: SIXTY_TIMES, text: "summary: for 5m", changed: "summary: for 5m" },
  { change: SIXTY_TIMES, text: 'a{path=~"[0-9]m"}', changed: 'a{path=~"[0-9]m"}' },
];

describe("a copy of otel-config", () => {
  for (const { change, text, changed } of CASES)
    it(`${JSON.stringify(text)} becomes ${JSON.stringify(changed)}`, () => equal(change(text), changed));
});
