/** Queries as Grafana would send them, by its documentation. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Grafana's, not ours
import { equal, throws } from "node:assert/strict";
import { type Choice, interpolate, type View } from "../support/grafana/interpolation.ts";

const VIEW: View = {
  choices: new Map<string, Choice>([
    ["any", { allValue: ".*", options: ["a", "b"], chosen: "all" }],
    ["each", { options: ["10.0.0.7:9464", "10.0.0.8:9464"], chosen: "all" }],
    ["one", { allValue: ".*", options: ["/a", "/files/*"], chosen: ["/files/*"] }],
    ["quoted", { options: ['"1" + $2'], chosen: ['"1" + $2'] }],
  ]),
  fromSeconds: 1000,
  toSeconds: 4600,
  stepSeconds: 15,
  scrapeIntervalSeconds: 15,
};

const CASES: readonly { written: string; sent: string; view?: Partial<View> }[] = [
  { written: "`${any:regex}`", sent: "`.*`" },
  { written: "`${each:regex}`", sent: "`(10\\.0\\.0\\.7:9464|10\\.0\\.0\\.8:9464)`" },
  { written: "`${one:regex}`", sent: "`\\/files\\/\\*`" },
  { written: "`${quoted:regex}`", sent: '`"1" \\+ \\$2`' },
  { written: "[$__range] / $__range_s", sent: "[3600000ms] / 3600" },
  { written: "[$__interval] ${__interval_ms}", sent: "[15000ms] 15000" },
  { written: "[$__rate_interval]", sent: "[60000ms]" },
  { written: "$__rate_interval_ms", sent: "75000", view: { stepSeconds: 60 } },
];

describe("Grafana's interpolation", () => {
  for (const { written, sent, view } of CASES)
    it(`${written}: ${sent}`, () => equal(interpolate(written, { ...VIEW, ...view }), sent));

  it("a variable that is not there", () => throws(() => interpolate("$nobody", VIEW), /\$nobody is no variable/));
  it("a choice that is not to be a regular expression", () => throws(() => interpolate("$any", VIEW), /does not say/));
});
