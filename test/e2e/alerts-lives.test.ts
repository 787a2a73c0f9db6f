/** The alerts over whole lives of services, by promtool: what fires at which minute, and what stays silent. */
import { equal } from "node:assert/strict";
import { DEFAULT_OPTIONS } from "../../src/cli/generate/options.ts";
import { LIVES } from "../support/rules/lives.ts";
import { LIVES_OF_WORKERS } from "../support/rules/lives-workers.ts";
import { firing, runScenarios, type Scenario } from "../support/rules/scenario.ts";
import { inputSeries } from "../support/rules/scrapes.ts";
import { simulate } from "../support/rules/simulated-service.ts";

const ALL = [...LIVES, ...LIVES_OF_WORKERS];

const scenarios: readonly Scenario[] = ALL.map(({ name, everyMinutes = 1, targets, fires }) => ({
  name,
  options: DEFAULT_OPTIONS,
  everyMinutes,
  series: targets.flatMap(({ labels, service = { name: "shop" }, happens }) =>
    inputSeries(labels, simulate(service, happens)),
  ),
  expectations: Object.entries(fires).map(([minute, alerts]) => firing(Number(minute), alerts)),
}));

describe("the alerts over a life", function () {
  this.timeout(600_000);

  let verdicts: Map<string, string | undefined>;
  before(() => {
    verdicts = runScenarios(scenarios);
  });

  for (const { name } of ALL) it(name, () => equal(verdicts.get(name), undefined));
});
