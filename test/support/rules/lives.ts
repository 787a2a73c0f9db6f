/**
 * Whole lives of services, as Prometheus sees them: nights, deployments, outages of Prometheus itself. A life is one row.
 * What makes a single alert fire is in test/e2e/alerts.test.ts.
 */
import type { Minute, Requests, Service } from "./simulated-service.ts";

interface Target {
  /** What the scrape attaches. */
  readonly labels: Readonly<Record<string, string>>;
  /** Default: the shop. */
  readonly service?: Service;
  /** At each interval of the life; after the last one nothing changes any more. */
  readonly happens: readonly Minute[];
}

export interface Life {
  readonly name: string;
  /** From one scrape to the next. Default: 1. */
  readonly everyMinutes?: number;
  readonly targets: readonly Target[];
  /** Exactly these alerts at that minute: `RedNoTraffic critical shop`. */
  readonly fires: Readonly<Record<number, readonly string[]>>;
}

const SHOP: Service = { name: "shop" };
const HOUR = 60;
const DAY = 24 * HOUR;

const repeat = (count: number, minute: Minute): Minute[] => Array.from({ length: count }, () => minute);
const served = (count: number): Requests => ({ count });
const failed = (count: number): Requests => ({ count, status: 500 });

const BUSY: Minute = { requests: [served(600)] };
const DOWN: Minute = { down: true };
const GONE: Minute = { gone: true };
const UNSEEN: Minute = { unseen: true };

const STATIC = { job: "otel-red", instance: "10.0.0.1:9464" };
const OTHER_STATIC = { job: "otel-red", instance: "10.0.0.2:9464" };

/** What the operator attaches to the targets of a PodMonitor. */
function podMonitor(pod: string, ip: string) {
  const labels = { namespace: "market", container: "app", endpoint: "metrics" };
  return { ...labels, job: "market/otel-red", instance: `${ip}:9464`, pod };
}

/** And of a ServiceMonitor: the job is the Service. The monitor drops the operator's label `service`. */
function serviceMonitor(service: string, pod: string, ip: string) {
  const labels = { namespace: "market", container: "app", endpoint: "metrics" };
  return { ...labels, job: service, instance: `${ip}:9464`, pod };
}

const OLD_POD = "shop-7d9c5b8f6d-x2x4z";
const NEW_POD = "shop-5c8d9f7b4-q9q8w";

const ALL_DOWN = ["RedTargetDown warning shop", "RedServiceDown critical shop"];
const FAILING = ["RedAvailabilityBudgetBurn critical shop", "RedAvailabilityBudgetBurn warning shop"];

/** From 8 to 20 o'clock there are targets, the rest of the day there are none. */
const OFFICE_DAY = [...repeat(12 * 6, BUSY), ...repeat(12 * 6, GONE)];

/** Streams stay open all the time, and by night an eighth of the usual requests come in beside them. */
const STREAMS = { requests: [served(80)], inFlight: 200 };
const STREAMS_AT_NIGHT = { requests: [served(10)], inFlight: 200 };

export const LIVES: readonly Life[] = [
  // nights
  {
    name: "scaled to zero every night",
    everyMinutes: 10,
    targets: [{ labels: podMonitor(OLD_POD, "10.0.0.1"), happens: [...OFFICE_DAY, ...OFFICE_DAY, ...OFFICE_DAY] }],
    fires: {
      // nobody can know on the first evening that it is meant
      [13 * HOUR]: ["RedNoTraffic critical shop"],
      [DAY + 12 * HOUR + 40]: [],
      [DAY + 13 * HOUR]: [],
      [2 * DAY + 12 * HOUR + 40]: [],
      [2 * DAY + 13 * HOUR]: [],
    },
  },
  {
    name: "scaled to zero every night, and gone in the middle of the third day",
    everyMinutes: 10,
    targets: [
      {
        labels: podMonitor(OLD_POD, "10.0.0.1"),
        happens: [...OFFICE_DAY, ...OFFICE_DAY, ...repeat(4 * 6, BUSY), ...repeat(6, GONE)],
      },
    ],
    fires: { [2 * DAY + 4 * HOUR + 50]: ["RedNoTraffic critical shop"] },
  },
  {
    name: "down yesterday at this time, and without traffic today",
    everyMinutes: 10,
    targets: [
      {
        labels: STATIC,
        happens: [
          ...repeat(4 * 6, BUSY),
          ...repeat(2 * 6, DOWN),
          { ...BUSY, restarted: true },
          ...repeat(22 * 6 - 1, BUSY),
          ...repeat(6, {}),
        ],
      },
    ],
    fires: { [DAY + 4 * HOUR + 50]: ["RedNoTraffic critical shop"] },
  },
  {
    name: "one request an hour",
    everyMinutes: 10,
    targets: [
      {
        labels: STATIC,
        happens: repeat(DAY / 10, {}).map((none, i) => (i % 6 === 3 ? { requests: [served(1)] } : none)),
      },
    ],
    fires: { [6 * HOUR]: [], [12 * HOUR]: [], [DAY - 10]: [] },
  },

  // deployments
  ...[
    { by: "a PodMonitor", old: podMonitor(OLD_POD, "10.0.0.1"), fresh: podMonitor(NEW_POD, "10.0.0.2") },
    {
      by: "a ServiceMonitor",
      old: serviceMonitor("shop", OLD_POD, "10.0.0.1"),
      fresh: serviceMonitor("shop", NEW_POD, "10.0.0.2"),
    },
    { by: "a job of its own", old: { ...STATIC, job: "shop" }, fresh: { ...OTHER_STATIC, job: "shop" } },
  ].map(
    ({ by, old, fresh }): Life => ({
      name: `deployed with new addresses that never answer, found by ${by}`,
      targets: [
        { labels: old, happens: [...repeat(20, BUSY), ...repeat(100, GONE)] },
        // a pod has no address while its image is pulled
        { labels: fresh, happens: [...repeat(23, GONE), ...repeat(97, DOWN)] },
        // of another service, in the same job where it is the same PodMonitor's
        {
          labels: podMonitor("cart-6b7f8c9d5f-b7b8c", "10.0.0.3"),
          service: { name: "cart" },
          happens: repeat(120, BUSY),
        },
      ],
      fires: { 22: [], 27: ALL_DOWN, 50: ALL_DOWN, 58: [...ALL_DOWN, "RedNoTraffic critical shop"], 118: ALL_DOWN },
    }),
  ),
  {
    name: "deployed with new addresses that never answer, and the old pods stay",
    targets: [
      { labels: serviceMonitor("shop", OLD_POD, "10.0.0.1"), happens: repeat(20, BUSY) },
      { labels: serviceMonitor("shop", NEW_POD, "10.0.0.2"), happens: [...repeat(10, GONE), ...repeat(10, DOWN)] },
    ],
    fires: { 19: ["RedTargetDown warning shop"] },
  },
  {
    name: "retired, while another service of the same PodMonitor is deployed for the first time and never answers",
    targets: [
      {
        labels: podMonitor(OLD_POD, "10.0.0.1"),
        happens: [...repeat(20, { requests: [served(1)] }), ...repeat(20, GONE)],
      },
      { labels: podMonitor("cart-6b7f8c9d5f-b7b8c", "10.0.0.3"), happens: [...repeat(18, GONE), ...repeat(22, DOWN)] },
    ],
    fires: { 39: ["RedTargetDown warning"] },
  },
  {
    name: "retired, while a new address of the same listed job never answers, which may be any service's",
    targets: [
      { labels: STATIC, happens: [...repeat(20, { requests: [served(1)] }), ...repeat(20, GONE)] },
      { labels: OTHER_STATIC, service: { name: "cart" }, happens: repeat(40, BUSY) },
      { labels: { ...STATIC, instance: "10.0.0.3:9464" }, happens: [...repeat(18, GONE), ...repeat(22, DOWN)] },
    ],
    fires: { 39: ["RedTargetDown warning"] },
  },
  {
    name: "a rolling restart",
    targets: [
      { labels: podMonitor(OLD_POD, "10.0.0.1"), happens: [...repeat(20, BUSY), ...repeat(25, GONE)] },
      { labels: podMonitor("shop-7d9c5b8f6d-c5c6d", "10.0.0.2"), happens: [...repeat(23, BUSY), ...repeat(22, GONE)] },
      { labels: podMonitor(NEW_POD, "10.0.0.3"), happens: [...repeat(19, GONE), DOWN, ...repeat(25, BUSY)] },
      {
        labels: podMonitor("shop-5c8d9f7b4-r5r6s", "10.0.0.4"),
        happens: [...repeat(22, GONE), DOWN, ...repeat(22, BUSY)],
      },
    ],
    fires: { 21: [], 24: [], 30: [], 44: [] },
  },
  {
    name: "recreated: all old pods end before a new one starts",
    targets: [
      { labels: podMonitor(OLD_POD, "10.0.0.1"), happens: [...repeat(20, BUSY), ...repeat(25, GONE)] },
      { labels: podMonitor(NEW_POD, "10.0.0.3"), happens: [...repeat(22, GONE), DOWN, ...repeat(22, BUSY)] },
    ],
    fires: { 21: [], 23: [], 25: [], 44: [] },
  },
  {
    name: "a canary with a job of its own, which comes and goes",
    targets: [
      { labels: { ...STATIC, job: "shop" }, happens: repeat(90, BUSY) },
      {
        labels: { ...OTHER_STATIC, job: "shop-canary" },
        happens: [...repeat(30, GONE), ...repeat(15, { requests: [served(60)] }), ...repeat(45, GONE)],
      },
    ],
    fires: { 40: [], 50: [], 89: [] },
  },
  {
    name: "another name for the service at the same address, which then dies",
    targets: [
      { labels: STATIC, service: { name: "shop-v1" }, happens: [...repeat(20, BUSY), ...repeat(40, GONE)] },
      {
        labels: STATIC,
        happens: [...repeat(20, GONE), ...repeat(20, { requests: [served(1)] }), ...repeat(20, DOWN)],
      },
    ],
    fires: { 30: [], 50: ALL_DOWN },
  },

  // Prometheus itself
  {
    name: "Prometheus is away for ten minutes while the service is down",
    targets: [
      {
        labels: STATIC,
        happens: [...repeat(20, BUSY), ...repeat(5, DOWN), ...repeat(10, UNSEEN), ...repeat(35, DOWN)],
      },
    ],
    fires: { 24: ALL_DOWN, 38: ALL_DOWN, 50: ALL_DOWN },
  },
  {
    name: "the service goes down while Prometheus is away",
    targets: [{ labels: STATIC, happens: [...repeat(20, BUSY), ...repeat(10, UNSEEN), ...repeat(20, DOWN)] }],
    fires: { 33: ALL_DOWN, 49: ALL_DOWN },
  },
  {
    name: "Prometheus is away for ten minutes, and nothing happens",
    targets: [{ labels: STATIC, happens: [...repeat(20, BUSY), ...repeat(10, UNSEEN), ...repeat(20, BUSY)] }],
    fires: { 31: [], 35: [], 49: [] },
  },

  // in flight
  {
    name: "200 streams stay open, and at night new requests fall to an eighth",
    everyMinutes: 2,
    targets: [{ labels: STATIC, happens: [...repeat(6 * 30, STREAMS), ...repeat(6 * 30, STREAMS_AT_NIGHT)] }],
    fires: { [6 * HOUR + 30]: [], [8 * HOUR]: [], [11 * HOUR]: [] },
  },
  {
    name: "200 streams stay open, and at night requests come in and do not end",
    everyMinutes: 2,
    targets: [
      {
        labels: STATIC,
        happens: [
          ...repeat(6 * 30, STREAMS),
          ...repeat(30, STREAMS_AT_NIGHT),
          ...Array.from({ length: 20 }, (_, i): Minute => ({ requests: [served(1)], inFlight: 200 + 20 * i })),
          ...repeat(10, { requests: [served(1)], inFlight: 600 }),
        ],
      },
    ],
    fires: { [8 * HOUR - 4]: ["RedRequestsPileUp critical shop"] },
  },
  {
    name: "streams grow tenfold in the morning, and few of them end",
    everyMinutes: 2,
    targets: [
      {
        labels: STATIC,
        happens: [
          ...repeat(6 * 30, { requests: [served(6)], inFlight: 20 }),
          ...Array.from({ length: 60 }, (_, i): Minute => ({ requests: [served(12)], inFlight: 20 + 3 * i })),
          ...repeat(30, { requests: [served(24)], inFlight: 200 }),
        ],
      },
    ],
    fires: { [6 * HOUR + 30]: [], [7 * HOUR]: [], [7 * HOUR + 30]: [], [8 * HOUR]: [], [9 * HOUR - 2]: [] },
  },

  // routes
  {
    name: "a new route of which every request fails",
    targets: [
      {
        labels: STATIC,
        happens: [...repeat(60, BUSY), ...repeat(30, { requests: [served(600), { ...failed(3), path: "/reports" }] })],
      },
    ],
    fires: { 59: [], 89: ["RedErrorRatioHigh warning shop", "RedAvailabilityBudgetBurn warning shop"] },
  },
  {
    name: "a burst on a new route",
    targets: [
      {
        labels: STATIC,
        happens: [
          ...repeat(60, BUSY),
          { requests: [served(600), { count: 5000, path: "/sale" }] },
          ...repeat(20, BUSY),
        ],
      },
    ],
    fires: { 61: [], 63: [], 80: [] },
  },
  {
    name: "a burst of failures on a new route",
    targets: [
      {
        labels: STATIC,
        happens: [
          ...repeat(60, BUSY),
          { requests: [served(600), { ...failed(5000), path: "/sale" }] },
          ...repeat(20, BUSY),
        ],
      },
    ],
    fires: { 61: FAILING },
  },

  // what Prometheus does to the series
  {
    name: "Prometheus converts histograms to custom buckets",
    targets: [{ labels: STATIC, service: { ...SHOP, convertedHistograms: true }, happens: repeat(30, BUSY) }],
    fires: { 20: ["RedLatencyBucketMissing warning shop"] },
  },

  // what others show
  {
    name: "the application has a gauge of its own that is called up",
    targets: [
      {
        labels: STATIC,
        service: { ...SHOP, own: [{ name: "up", labels: { otel_scope_name: "app", device: "printer" }, value: 0 }] },
        happens: repeat(20, BUSY),
      },
      {
        labels: { job: "otel-red", instance: "10.0.0.9:9100" },
        service: { name: "no-red", own: [{ name: "up", labels: { device: "printer" }, value: 0 }] },
        happens: repeat(20, BUSY),
      },
    ],
    fires: { 19: [] },
  },
  {
    name: "an exporter whose job begins like ours is down",
    targets: [
      { labels: { job: "otel-redis-exporter", instance: "10.0.0.9:9121" }, happens: repeat(20, DOWN) },
      { labels: { job: "market/otel-redis", instance: "10.0.0.8:9121" }, happens: repeat(20, DOWN) },
    ],
    fires: { 19: [] },
  },
  ...["otel-red", "otel-red-file", "otel-red_shop", "market/otel-red", "market/otel-red-shop"].map(
    (job): Life => ({
      name: `a target of ${job} never answered`,
      targets: [{ labels: { job, instance: "10.0.0.1:9464" }, happens: repeat(20, DOWN) }],
      fires: { 19: ["RedTargetDown warning"] },
    }),
  ),
];
