/**
 * Whole lives of services whose processes share one page: deployments and scaling, of which nobody must be told, and workers
 * that crash again and again. One scrape a minute; the last row is a process that is alone.
 */
import type { Life } from "./lives.ts";
import type { Minute } from "./simulated-service.ts";

const HOUR = 60;
const STATIC = { job: "otel-red", instance: "10.0.0.1:9464" };
const RESTARTS = ["RedWorkersRestart warning shop"];

const repeat = (count: number, minute: Minute): Minute[] => Array.from({ length: count }, () => minute);

const BUSY: Minute = { requests: [{ count: 600 }] };
const GONE: Minute = { gone: true };

/** A minute of a page on which so many workers are, of which so many have joined within the minute. */
const page = (running: number, joined = 0): Minute => ({ ...BUSY, workers: { running, joined } });

/** The first scrape sees two of the workers, the next one all. */
const started = (running: number): Minute[] => [page(2, 2), page(running, running - 2)];

const pod = (index: number) => ({
  job: "market/otel-red",
  namespace: "market",
  pod: `shop-${index}`,
  instance: `10.0.1.${index}:9464`,
});

/** Two at a time, and no application takes longer to start than ten seconds: PM2's default. */
const PM2_RELOAD = [page(18, 12), page(16, 4)];
/** Connections get a minute to end before the next worker is replaced. */
const SLOW_ROLLING_RESTART = repeat(16, page(16, 1));

const CRASH_LOOPS: readonly { what: string; workers: number; each: readonly number[]; fires: number }[] = [
  { what: "every 30 seconds", workers: 4, each: [2], fires: 30 },
  { what: "every 45 seconds", workers: 4, each: [1, 1, 2], fires: 30 },
  { what: "every minute", workers: 2, each: [1], fires: 30 },
  { what: "every minute", workers: 16, each: [1], fires: 55 },
  { what: "every 30 seconds", workers: 64, each: [2], fires: 90 },
  { what: "every minute", workers: 64, each: [1], fires: 150 },
];

export const LIVES_OF_WORKERS: readonly Life[] = [
  // nothing to report
  {
    name: "four workers that never end, with what is shown by worker",
    targets: [
      {
        labels: STATIC,
        service: {
          name: "shop",
          own: ["1", "2", "3", "4"].flatMap((worker) => [
            { name: "process_resident_memory_bytes", labels: { worker }, value: 1e8 },
            { name: "nodejs_eventloop_utilization", labels: { worker }, value: 0.5 },
            // the application's own, which has the name of Prometheus's
            { name: "up", labels: { worker, device: "printer" }, value: 0 },
          ]),
        },
        happens: [...started(4), ...repeat(2 * HOUR, page(4))],
      },
    ],
    fires: { 2: [], 20: [], [HOUR]: [], [2 * HOUR]: [] },
  },
  {
    name: "PM2 reloads 16 workers, three times in an hour",
    targets: [
      {
        labels: STATIC,
        happens: [...started(16), ...[1, 2, 3].flatMap(() => [...repeat(18, page(16)), ...PM2_RELOAD])],
      },
    ],
    fires: { 25: [], 35: [], 45: [], 55: [], 61: [] },
  },
  {
    name: "a primary replaces 16 workers one by one, a minute each, twice in three hours",
    targets: [
      {
        labels: STATIC,
        happens: [
          ...started(16),
          ...repeat(HOUR, page(16)),
          ...SLOW_ROLLING_RESTART,
          ...repeat(20, page(16)),
          ...SLOW_ROLLING_RESTART,
          ...repeat(20, page(16)),
        ],
      },
    ],
    fires: { 77: [], 85: [], 113: [], 120: [], 133: [] },
  },
  {
    name: "a primary replaces 64 workers one by one, a minute each",
    targets: [{ labels: STATIC, happens: [...started(64), ...repeat(64, page(64, 1)), ...repeat(20, page(64))] }],
    fires: { 30: [], 50: [], 65: [], 75: [] },
  },
  {
    name: "scaled from 4 to 16 workers and back, every twenty minutes",
    targets: [
      {
        labels: STATIC,
        happens: [
          ...started(4),
          ...Array.from({ length: 8 }, () => [page(16, 12), ...repeat(9, page(16)), ...repeat(10, page(4))]).flat(),
        ],
      },
    ],
    fires: { 21: [], 50: [], 100: [], 150: [], 161: [] },
  },
  {
    name: "a rolling deployment of ten pods with clusters of 16, a pod every five minutes",
    targets: Array.from({ length: 10 }, (_, index) => [
      {
        labels: pod(index),
        happens: [...repeat(10 + 5 * index, page(16)), ...repeat(60 - 5 * index, GONE)],
      },
      {
        labels: pod(100 + index),
        happens: [...repeat(9 + 5 * index, GONE), ...started(16), ...repeat(59 - 5 * index, page(16))],
      },
    ]).flat(),
    fires: { 15: [], 30: [], 45: [], 55: [], 69: [] },
  },
  {
    name: "pods with clusters of four come and go with the traffic",
    targets: [
      { labels: pod(0), happens: repeat(2 * HOUR, page(4)) },
      ...Array.from({ length: 12 }, (_, index) => ({
        labels: pod(1 + index),
        happens: [...repeat(8 * index, GONE), ...started(4), ...repeat(14, page(4)), ...repeat(104 - 8 * index, GONE)],
      })),
    ],
    fires: { 20: [], 40: [], 60: [], 80: [], 110: [] },
  },

  // crash loops
  ...CRASH_LOOPS.map(
    ({ what, workers, each, fires }): Life => ({
      name: `one of ${workers} workers crashes ${what}, which is told after ${fires} minutes at the latest`,
      targets: [
        {
          labels: STATIC,
          happens: [
            ...started(workers),
            ...repeat(28, page(workers)),
            ...Array.from({ length: fires + 60 }, (_, minute) => page(workers, each[minute % each.length])),
            ...repeat(20, page(workers)),
          ],
        },
      ],
      fires: {
        29: [],
        [30 + fires]: RESTARTS,
        [30 + fires + 30]: RESTARTS,
        [30 + fires + 60]: RESTARTS,
        // it ends by itself
        [30 + fires + 60 + 11]: [],
      },
    }),
  ),
  {
    name: "a worker of one pod of three crashes every minute, from the pod's first minute on",
    targets: [0, 1, 2].map((index) => ({
      labels: pod(index),
      happens: [...started(4), ...repeat(40, page(4, index === 1 ? 1 : 0))],
    })),
    fires: { 5: [], 40: RESTARTS },
  },
  {
    name: "all workers and the page with them start anew every two minutes",
    targets: [
      {
        labels: STATIC,
        happens: Array.from({ length: 20 }, () =>
          started(4).map((minute, index) => ({ ...minute, restarted: index === 0 })),
        ).flat(),
      },
    ],
    fires: { 5: [], 39: RESTARTS },
  },
  {
    name: "a process that is alone starts anew every minute",
    targets: [{ labels: STATIC, happens: repeat(HOUR, { ...BUSY, restarted: true }) }],
    fires: { 20: [], 40: [], 59: [] },
  },
];
