/**
 * The same rules and alerts on what the demo really shows, and the recorded ratios held against its visitors' own books.
 */
import { equal } from "node:assert/strict";
import { DEFAULT_OPTIONS, type GenerateOptions } from "../../src/cli/generate/options.ts";
import { BY_SERVICE, byPath } from "../../src/cli/generate/prometheus/records.ts";
import type { Books } from "../apps/demo/books.ts";
import type { Expectation } from "../support/rules/promtool.ts";
import { firing, runScenarios } from "../support/rules/scenario.ts";
import { count, ScrapedDemo } from "../support/rules/scraped-demo.ts";
import { inputSeries } from "../support/rules/scrapes.ts";

const TARGET = { job: "otel-red", instance: "127.0.0.1:9464" };
const SHOP = 'service="shop"';
const PAYMENT = "/api/orders/:id/payment";

const latencyOf = (latencySeconds: number): GenerateOptions => ({
  ...DEFAULT_OPTIONS,
  objectives: { ...DEFAULT_OPTIONS.objectives, latencySeconds },
});
/** A busy machine makes anything slow, and it is not always latency that is looked at. */
const PATIENT = latencyOf(5);
const IMPATIENT = latencyOf(0.1);

const BUYERS = { browser: 6, buyer: 20, scanner: 3, impatient: 1 };
const HARMLESS = { browser: 15, stranger: 5, scanner: 10, impatient: 2, leaver: 1 };
const ACCOUNTANTS = { accountant: 8 };

async function minutes(count: number, minute: () => Promise<void>): Promise<void> {
  for (let index = 0; index < count; index++) await minute();
}

/** The query has one answer, and that is this number. */
function isNumber(query: string, expected: number, minute: number): Expectation {
  return {
    expr: `sum(abs(${query} - ${expected}) < bool 1e-9)`,
    eval_time: `${minute}m`,
    exp_samples: [{ labels: "{}", value: 1 }],
  };
}

interface Case {
  readonly what: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly options?: GenerateOptions;
  readonly happens: (demo: ScrapedDemo) => Promise<void>;
  readonly fires: readonly string[];
  readonly recorded?: (books: readonly Books[], minute: number) => Expectation[];
}

const CASES: readonly Case[] = [
  {
    what: "payments fail",
    happens: (demo) => minutes(6, () => demo.visit(BUYERS)),
    fires: [
      "RedErrorRatioHigh warning shop",
      "RedAvailabilityBudgetBurn critical shop",
      "RedAvailabilityBudgetBurn warning shop",
    ],
    recorded: (books, minute) => [
      isNumber(
        `${BY_SERVICE.failedRatio("1h")}{${SHOP}}`,
        count(books, ({ status }) => status >= 500) / count(books, () => true),
        minute,
      ),
      isNumber(
        `${byPath(PATIENT.pathLabel).counted.failed}{${SHOP},path="${PAYMENT}"}`,
        count(books, ({ path, status }) => path === PAYMENT && status >= 500),
        minute,
      ),
    ],
  },
  {
    what: "visitors look around, find nothing, scan or give up",
    happens: (demo) => minutes(6, () => demo.visit(HARMLESS)),
    fires: [],
    recorded: (_books, minute) => [isNumber(`${BY_SERVICE.failedRatio("1h")}{${SHOP}}`, 0, minute)],
  },
  {
    what: "the shop is restarted in between",
    happens: async (demo) => {
      await minutes(3, () => demo.visit(HARMLESS));
      demo.beDown(1);
      await demo.open();
      await minutes(3, () => demo.visit(HARMLESS));
    },
    fires: [],
  },
  {
    what: "the shop closes",
    happens: async (demo) => {
      await minutes(2, () => demo.visit(HARMLESS));
      demo.beDown(5);
    },
    fires: ["RedTargetDown warning shop", "RedServiceDown critical shop"],
  },
  {
    what: "nobody comes any more",
    happens: async (demo) => {
      await minutes(6, () => demo.visit(HARMLESS));
      demo.pass(45);
    },
    fires: ["RedNoTraffic critical shop"],
  },
  {
    what: "reports are slow",
    options: IMPATIENT,
    happens: (demo) => minutes(4, () => demo.visit(ACCOUNTANTS)),
    fires: ["RedLatencyHigh warning shop", "RedLatencyBudgetBurn critical shop", "RedLatencyBudgetBurn warning shop"],
  },
  {
    what: "the shop has not the bucket of the objective",
    environment: { RED_DURATION_BUCKETS: "0.1,1" },
    happens: async (demo) => {
      await demo.visit(HARMLESS);
      demo.pass(8);
    },
    fires: ["RedLatencyBucketMissing warning shop"],
  },
  {
    what: "reports do not end",
    happens: async (demo) => {
      await minutes(4, () => demo.visit(HARMLESS));
      demo.pass(12); // to know what is usual a quarter of an hour ago
      await demo.hold(15);
      demo.pass(14); // ten minutes to be sure
    },
    fires: ["RedRequestsPileUp critical shop"],
  },
  {
    what: "there are more routes than label sets",
    environment: { RED_MAX_LABEL_SETS: "3", OTEL_LOG_LEVEL: "none" },
    happens: (demo) => minutes(3, () => demo.visit(HARMLESS)),
    fires: ["RedLabelBudgetOverflow warning shop"],
  },
];

describe("the alerts on the demo, when", function () {
  this.timeout(240_000);

  for (const { what, environment, options = PATIENT, happens, fires, recorded } of CASES)
    it(`${what}: ${fires.join(", ") || "silence"}`, async () => {
      const demo = new ScrapedDemo(environment);
      try {
        await demo.open();
        await happens(demo);
      } finally {
        await demo.close();
      }
      const minute = demo.scrapes.length - 1;
      const verdicts = runScenarios([
        {
          name: what,
          options,
          everyMinutes: 1,
          series: inputSeries(TARGET, demo.scrapes),
          expectations: [firing(minute, fires), ...(recorded?.(demo.books, minute) ?? [])],
        },
      ]);
      equal(verdicts.get(what), undefined);
    });
});
