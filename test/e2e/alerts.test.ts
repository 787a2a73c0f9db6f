/**
 * When each alert fires and when it does not, by promtool, on services that are told what happens to them: one scrape a
 * minute, and all that must not wake anybody beside what must.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { DEFAULT_OPTIONS, type GenerateOptions } from "../../src/cli/generate/options.ts";
import { alertingRules } from "../../src/cli/generate/prometheus/alerts.ts";
import { firing, runScenarios, type Scenario } from "../support/rules/scenario.ts";
import { inputSeries } from "../support/rules/scrapes.ts";
import { type Minute, type Requests, type Service, simulate } from "../support/rules/simulated-service.ts";

const SHOP: Service = { name: "shop" };
const TARGET = { job: "otel-red", instance: "10.0.0.1:9464" };
const OTHER_TARGET = { job: "otel-red", instance: "10.0.0.2:9464" };

const HOUR = 60;
/** Of traffic, before something happens. */
const BEFORE = 20;

const minutes = (count: number, minute: Minute): Minute[] => Array.from({ length: count }, () => minute);
const served = (count: number): Requests => ({ count });
const failed = (count: number): Requests => ({ count, status: 500 });
const slow = (count: number): Requests => ({ count, seconds: 2 });

const QUIET: Minute = {};
const BUSY: Minute = { requests: [served(600)] };

const withWorkers = (running: number, joined = 0): Minute => ({ ...BUSY, workers: { running, joined } });

interface Case {
  readonly what: string;
  readonly service?: Service;
  /** What the rules are made with. Default: what the committed files are. */
  readonly options?: Partial<GenerateOptions>;
  /** From one scrape to the next. Default: 1. */
  readonly everyMinutes?: number;
  readonly happens: readonly Minute[];
  /** And at a second instance of the service; default: there is none. */
  readonly elsewhere?: readonly Minute[];
  /** What the rules of others in the same Prometheus are made with; default: there are none. */
  readonly beside?: readonly Partial<GenerateOptions>[];
  /** And at another service; default: there is none. */
  readonly other?: { readonly name: string; readonly happens: readonly Minute[] };
  /** At the end of it; empty: nobody is told anything. Severity and service go without saying in the table. */
  readonly fires: readonly string[];
}

const CASES: readonly Case[] = [
  { what: "all is well", happens: minutes(HOUR, BUSY), fires: [] },
  { what: "nobody comes at all", happens: minutes(HOUR, QUIET), fires: [] },

  // targets
  {
    what: "one of two instances is down",
    happens: minutes(BEFORE, BUSY),
    elsewhere: [...minutes(BEFORE - 5, BUSY), ...minutes(5, { down: true })],
    fires: ["RedTargetDown warning shop"],
  },
  {
    what: "the only instance is down, since longer than Prometheus looks back",
    happens: [...minutes(10, BUSY), ...minutes(20, { down: true })],
    fires: ["RedTargetDown warning shop", "RedServiceDown critical shop"],
  },
  {
    what: "it is back",
    happens: [...minutes(20, BUSY), ...minutes(10, { down: true }), { ...BUSY, restarted: true }, ...minutes(5, BUSY)],
    fires: [],
  },
  { what: "a target that never answered", happens: minutes(10, { down: true }), fires: ["RedTargetDown warning"] },
  {
    what: "a restart between two scrapes",
    happens: [...minutes(BEFORE, BUSY), { ...BUSY, restarted: true }, ...minutes(10, BUSY)],
    fires: [],
  },
  {
    what: "a restart that takes a minute",
    happens: [...minutes(BEFORE, BUSY), { down: true }, { ...BUSY, restarted: true }, ...minutes(10, BUSY)],
    fires: [],
  },

  {
    what: "one of two instances is no target any more",
    happens: minutes(BEFORE, BUSY),
    elsewhere: [...minutes(BEFORE - 10, BUSY), ...minutes(10, { gone: true })],
    fires: [],
  },
  {
    what: "its target was down, and is none any more",
    happens: [...minutes(BEFORE, BUSY), ...minutes(5, { down: true }), ...minutes(10, { gone: true })],
    fires: [],
  },

  // traffic
  {
    what: "no instance is a target any more",
    happens: [...minutes(2 * HOUR, BUSY), ...minutes(40, { gone: true })],
    fires: ["RedNoTraffic critical shop"],
  },
  {
    what: "the traffic stops",
    happens: [...minutes(2 * HOUR, BUSY), ...minutes(40, QUIET)],
    fires: ["RedNoTraffic critical shop"],
  },
  {
    what: "the traffic stops as it did at this time of yesterday",
    everyMinutes: 5,
    happens: [
      ...minutes((2 * HOUR) / 5, BUSY),
      ...minutes((22 * HOUR) / 5, QUIET),
      ...minutes((2 * HOUR) / 5, BUSY),
      ...minutes(40 / 5, QUIET),
    ],
    fires: [],
  },
  {
    what: "the traffic pauses for a quarter of an hour",
    happens: [...minutes(2 * HOUR, BUSY), ...minutes(15, QUIET)],
    fires: [],
  },
  {
    what: "a request every ten minutes, then none for an hour",
    happens: [
      ...minutes(12, { requests: [served(1)] }).flatMap((minute) => [minute, ...minutes(9, QUIET)]),
      ...minutes(HOUR, QUIET),
    ],
    fires: [],
  },

  // failures
  {
    what: "two in a hundred fail",
    happens: [...minutes(BEFORE, BUSY), ...minutes(40, { requests: [served(588), failed(12)] })],
    fires: ["RedAvailabilityBudgetBurn critical shop", "RedAvailabilityBudgetBurn warning shop"],
  },
  {
    what: "one route of many fails",
    happens: [
      ...minutes(BEFORE, BUSY),
      ...minutes(40, { requests: [served(10_000), { count: 5, status: 503, path: "/reports" }] }),
    ],
    fires: ["RedErrorRatioHigh warning shop"],
  },
  {
    what: "four in a thousand fail for an hour and a half",
    happens: minutes(1.5 * HOUR, { requests: [served(996), failed(4)] }),
    fires: ["RedAvailabilityBudgetBurn warning shop"],
  },
  {
    what: "all fail at once and the process is gone before the second scrape of it",
    happens: [
      ...minutes(BEFORE, { requests: [served(60)] }),
      { requests: [failed(60)] },
      { down: true },
      { requests: [served(60)], restarted: true },
    ],
    // not the one by route: after a minute it is not yet for two minutes
    fires: ["RedAvailabilityBudgetBurn critical shop", "RedAvailabilityBudgetBurn warning shop"],
  },
  {
    what: "the first requests of a process fail, all in front of its second scrape",
    happens: [QUIET, QUIET, { requests: [failed(100)] }, QUIET, QUIET],
    fires: ["RedAvailabilityBudgetBurn critical shop", "RedAvailabilityBudgetBurn warning shop"],
  },
  {
    what: "each of many routes fails once, each a series that begins at 1",
    happens: [
      ...minutes(HOUR, { requests: [served(100)] }),
      {
        requests: [
          served(100),
          ...Array.from({ length: 50 }, (_, index) => ({ ...failed(1), path: `/route-${index}` })),
        ],
      },
      ...minutes(2, { requests: [served(100)] }),
    ],
    // 50 of 6,200 or so
    fires: ["RedAvailabilityBudgetBurn critical shop", "RedAvailabilityBudgetBurn warning shop"],
  },
  {
    what: "one error at night",
    happens: [
      ...minutes(2 * HOUR, { requests: [served(1)] }),
      { requests: [failed(1)] },
      ...minutes(3, { requests: [served(1)] }),
    ],
    fires: [],
  },
  {
    what: "low traffic of which every tenth request fails",
    happens: Array.from({ length: 2 * HOUR }, (_, minute) =>
      minute % 3 > 0 ? QUIET : { requests: [minute % 30 === 0 ? failed(1) : served(1)] },
    ),
    fires: [],
  },
  {
    what: "low traffic that fails altogether",
    happens: [...minutes(2 * HOUR, { requests: [served(1)] }), ...minutes(HOUR / 2, { requests: [failed(1)] })],
    fires: [
      "RedErrorRatioHigh warning shop",
      "RedAvailabilityBudgetBurn critical shop",
      "RedAvailabilityBudgetBurn warning shop",
    ],
  },
  {
    what: "it failed for ten minutes, more than half an hour ago",
    happens: [...minutes(10, { requests: [failed(600)] }), ...minutes(40, BUSY)],
    // what was burnt is still much for a day, but nothing pages for what is over
    fires: ["RedAvailabilityBudgetBurn warning shop"],
  },
  {
    what: "a scanner asks for thousands of things that are not there",
    happens: [
      ...minutes(BEFORE, BUSY),
      ...minutes(40, { requests: [served(600), { count: 6000, status: 404, path: "unmatched" }] }),
    ],
    fires: [],
  },
  {
    what: "clients give up, after a while",
    happens: [
      ...minutes(BEFORE, BUSY),
      ...minutes(40, { requests: [served(300), { count: 300, status: 499, seconds: 4 }] }),
    ],
    fires: [],
  },

  // latency
  {
    what: "one answer in five is slow",
    happens: [...minutes(BEFORE, BUSY), ...minutes(40, { requests: [served(480), slow(120)] })],
    fires: ["RedLatencyHigh warning shop", "RedLatencyBudgetBurn critical shop", "RedLatencyBudgetBurn warning shop"],
  },
  {
    what: "two answers in a hundred are slow, for an hour and a half",
    happens: minutes(1.5 * HOUR, { requests: [served(588), slow(12)] }),
    fires: ["RedLatencyBudgetBurn warning shop"],
  },
  {
    what: "half of the answers are slow, all within the objective's allowance of time",
    happens: minutes(HOUR, { requests: [served(300), { count: 300, seconds: 0.5 }] }),
    fires: [],
  },
  {
    what: "the report at night is slow",
    happens: [...minutes(HOUR, { requests: [served(1)] }), { requests: [slow(1)] }, ...minutes(3, QUIET)],
    fires: [],
  },
  {
    what: "slow errors count as errors alone",
    happens: [
      ...minutes(BEFORE, BUSY),
      ...minutes(40, { requests: [served(597), { count: 3, status: 504, seconds: 30 }] }),
    ],
    fires: ["RedAvailabilityBudgetBurn warning shop"],
  },
  {
    what: "the service has no bucket that ends at the objective",
    service: { ...SHOP, durationBuckets: [0.1, 1] },
    happens: minutes(HOUR, { requests: [slow(600)] }),
    fires: ["RedLatencyBucketMissing warning shop"],
  },

  // other options
  {
    what: "all fail, under an objective that 14.4 times its budget is more than all",
    options: { objectives: { ...DEFAULT_OPTIONS.objectives, availabilityPercent: 60 } },
    happens: minutes(BEFORE, { requests: [failed(600)] }),
    fires: [
      "RedErrorRatioHigh warning shop",
      "RedAvailabilityBudgetBurn critical shop",
      "RedAvailabilityBudgetBurn warning shop",
    ],
  },
  {
    what: "one in three fails, which is what the objective allows",
    options: { objectives: { ...DEFAULT_OPTIONS.objectives, availabilityPercent: 60 } },
    happens: minutes(BEFORE, { requests: [served(400), failed(200)] }),
    fires: ["RedErrorRatioHigh warning shop"],
  },
  {
    what: "a route fails, under another name of the label",
    service: { ...SHOP, pathLabel: "endpoint" },
    options: { pathLabel: "endpoint" },
    happens: [
      ...minutes(BEFORE, BUSY),
      ...minutes(40, { requests: [served(10_000), { count: 5, status: 503, path: "/reports" }] }),
    ],
    fires: ["RedErrorRatioHigh warning shop"],
  },
  {
    what: "the rules are about another service",
    options: { service: "cart" },
    happens: [...minutes(BEFORE, { requests: [failed(300), slow(300)] }), ...minutes(5, { down: true })],
    fires: [],
  },
  {
    what: "the rules are about this service",
    options: { service: "shop" },
    happens: [...minutes(BEFORE, BUSY), ...minutes(5, { down: true })],
    fires: ["RedTargetDown warning shop", "RedServiceDown critical shop"],
  },

  {
    what: "each of two services has rules of its own, and the other one allows itself what this one does not",
    options: { service: "shop" },
    beside: [{ service: "cart", objectives: { availabilityPercent: 90, latencySeconds: 5, latencyPercent: 90 } }],
    happens: minutes(HOUR, { requests: [served(573), failed(3), slow(24)], inFlight: 2 }),
    other: { name: "cart", happens: minutes(HOUR, { requests: [served(498), failed(6), slow(96)], inFlight: 2 }) },
    fires: ["RedAvailabilityBudgetBurn warning shop", "RedLatencyBudgetBurn warning shop"],
  },
  {
    what: "one service has rules of its own, all the others those of every service but it",
    options: { except: ["cart", "checkout"] },
    beside: [{ service: "cart", objectives: { availabilityPercent: 90, latencySeconds: 5, latencyPercent: 90 } }],
    happens: minutes(HOUR, { requests: [served(573), failed(3), slow(24)], inFlight: 2 }),
    other: { name: "cart", happens: minutes(HOUR, { requests: [served(498), failed(6), slow(96)], inFlight: 2 }) },
    fires: ["RedAvailabilityBudgetBurn warning shop", "RedLatencyBudgetBurn warning shop"],
  },
  {
    what: "one service has rules of its own, and is down",
    options: { except: ["cart"] },
    beside: [{ service: "cart" }],
    happens: minutes(BEFORE, BUSY),
    other: { name: "cart", happens: [...minutes(BEFORE - 5, BUSY), ...minutes(5, { down: true })] },
    fires: ["RedTargetDown warning cart", "RedServiceDown critical cart"],
  },
  {
    what: "each of two services has rules of its own, and both are down",
    options: { service: "shop" },
    beside: [{ service: "cart" }],
    happens: [...minutes(BEFORE, BUSY), ...minutes(5, { down: true })],
    other: { name: "cart", happens: [...minutes(BEFORE, BUSY), ...minutes(5, { down: true })] },
    fires: [
      "RedTargetDown warning shop",
      "RedServiceDown critical shop",
      "RedTargetDown warning cart",
      "RedServiceDown critical cart",
    ],
  },

  // in flight
  {
    what: "requests come in and do not end any more",
    happens: [...minutes(BEFORE, { ...BUSY, inFlight: 2 }), ...minutes(20, { inFlight: 500 })],
    fires: ["RedRequestsPileUp critical shop"],
  },
  {
    what: "requests take ten times as long",
    happens: [...minutes(BEFORE, { ...BUSY, inFlight: 20 }), ...minutes(20, { ...BUSY, inFlight: 200 })],
    fires: ["RedRequestsPileUp critical shop"],
  },
  {
    what: "ten times the traffic, and ten times as much in flight",
    happens: [
      ...minutes(BEFORE, { ...BUSY, inFlight: 20 }),
      ...minutes(20, { requests: [served(6000)], inFlight: 200 }),
    ],
    fires: [],
  },
  {
    what: "streams stay open, as always",
    happens: minutes(2 * HOUR, { requests: [served(6)], inFlight: 1000 }),
    fires: [],
  },
  {
    what: "a pile of a few minutes",
    happens: [...minutes(BEFORE, { ...BUSY, inFlight: 2 }), ...minutes(5, { inFlight: 500 }), ...minutes(5, BUSY)],
    fires: [],
  },

  // the label budget
  {
    what: "the label budget is used up",
    happens: [...minutes(BEFORE, BUSY), { ...BUSY, overflow: 3 }, ...minutes(10, BUSY)],
    fires: ["RedLabelBudgetOverflow warning shop"],
  },
  {
    what: "the label budget was used up, before a restart more than an hour ago",
    happens: [...minutes(10, { ...BUSY, overflow: 3 }), { ...BUSY, restarted: true }, ...minutes(2 * HOUR, BUSY)],
    fires: [],
  },

  // workers; their deployments are in test/support/rules/lives.ts
  {
    what: "a worker of four crashes every minute",
    happens: [...minutes(BEFORE, withWorkers(4)), ...minutes(30, withWorkers(4, 1))],
    fires: ["RedWorkersRestart warning shop"],
  },
  {
    what: "a worker of four crashes every two minutes",
    happens: [
      ...minutes(BEFORE, withWorkers(4)),
      ...Array.from({ length: HOUR }, (_, minute) => withWorkers(4, minute % 2)),
    ],
    fires: ["RedWorkersRestart warning shop"],
  },
  {
    what: "a worker of four crashes every five minutes",
    happens: [
      ...minutes(BEFORE, withWorkers(4)),
      ...Array.from({ length: 3 * HOUR }, (_, minute) => withWorkers(4, minute % 5 === 0 ? 1 : 0)),
    ],
    fires: [],
  },
  {
    what: "a worker of another service crashes every minute",
    options: { service: "shop" },
    happens: minutes(HOUR, BUSY),
    other: { name: "cart", happens: minutes(HOUR, withWorkers(4, 1)) },
    fires: [],
  },
];

const scenarios: readonly Scenario[] = CASES.map(
  ({ what, service = SHOP, options, beside = [], everyMinutes = 1, happens, elsewhere = [], other, fires }) => ({
    name: what,
    options: { ...DEFAULT_OPTIONS, ...options },
    beside: beside.map((each) => ({ ...DEFAULT_OPTIONS, ...each })),
    series: [
      ...inputSeries(TARGET, simulate(service, happens)),
      ...(elsewhere.length > 0 ? inputSeries(OTHER_TARGET, simulate(service, elsewhere)) : []),
      ...(other === undefined ? [] : inputSeries(OTHER_TARGET, simulate({ name: other.name }, other.happens))),
    ],
    everyMinutes,
    expectations: [firing((happens.length - 1) * everyMinutes, fires)],
  }),
);

describe("the alerts, when", function () {
  this.timeout(600_000);

  let verdicts: Map<string, string | undefined>;
  before(() => {
    verdicts = runScenarios(scenarios);
  });

  it("promtool is heard where an alert does not do what is expected of it", () => {
    const [scenario] = scenarios as [Scenario];
    const wrong = { ...scenario, expectations: [firing(HOUR, ["RedNoTraffic critical shop"])] };
    match(runScenarios([wrong]).get(scenario.name) ?? "", /exp:.*RedNoTraffic.*\n.*got: nil/);
  });

  it("every alert fires in one of these cases, with each of its severities", () => {
    const rules = alertingRules(DEFAULT_OPTIONS).groups.flatMap((group) => group.rules);
    const fired = new Set(CASES.flatMap(({ fires }) => fires.map((alert) => alert.replace(/ (?:shop|cart)$/, ""))));
    deepEqual(fired, new Set(rules.map(({ alert, labels }) => `${alert} ${labels.severity}`)));
  });

  for (const { what, fires } of CASES) {
    it(`${what}: ${fires.join(", ") || "silence"}`, () => equal(verdicts.get(what), undefined));
  }
});
