/** Whether the metrics themselves can be trusted: what was scraped, how long it took, and what was left out. */
import * as units from "@grafana/grafana-foundation-sdk/units";
import { FAMILIES, LABEL_STATE } from "../../../../view/red.ts";
import { curve, curves, FULL_WIDTH, type Row } from "../panels.ts";
import { AROUND, LABEL_INSTANCE, legendOf, ofInstances, sum } from "../query.ts";

const BY_INSTANCE = `by (${LABEL_INSTANCE})`;
const LEGEND = `{{${LABEL_INSTANCE}}}`;

export function health(): Row {
  const perSecond = (metric: string) =>
    curve(sum(`rate(${ofInstances(metric)}[${AROUND.range}])`, LABEL_INSTANCE), LEGEND);
  const highest = (metric: string, legend = LEGEND) => curve(`max ${BY_INSTANCE} (${ofInstances(metric)})`, legend);
  const panels = [
    curves(
      {
        title: "Up",
        description: "1: Prometheus's last scrape went well. 0: the target did not answer, or not in time.",
        unit: units.Short,
      },
      highest("up"),
    ).max(1),
    curves(
      {
        title: "Label sets",
        description:
          "Label sets (method, status code, path) in use. At RED_MAX_LABEL_SETS (1000, unless it is set) new ones are shown as other.",
        unit: units.Short,
      },
      highest(FAMILIES.labelSets.name),
    ),
    curves(
      {
        title: "Overflow",
        description:
          "Requests per second that are shown under the path other, because RED_MAX_LABEL_SETS was reached. Anything but 0 wants a look at the paths: a missing pattern, or a larger budget.",
        unit: units.RequestsPerSecond,
      },
      perSecond(FAMILIES.overflow.name),
    ),
    curves(
      {
        title: "Excluded",
        description:
          "Requests per second that are in no other panel, because of RED_EXCLUDE_PATHS: health checks and the like.",
        unit: units.RequestsPerSecond,
      },
      perSecond(FAMILIES.excluded.name),
    ),
    curves(
      {
        title: "Scrape duration",
        description:
          "How long a scrape took Prometheus, and how much of it the process needed to collect and render. Beyond the scrape timeout there are gaps.",
        unit: units.Seconds,
      },
      highest("scrape_duration_seconds", `${LEGEND} Prometheus`),
      highest(FAMILIES.scrapeDuration.name, `${LEGEND} process`),
    ),
    curves(
      {
        title: "Samples per scrape",
        description: "What one instance costs Prometheus. A label set is some 16 samples.",
        unit: units.Short,
      },
      highest("scrape_samples_scraped"),
    ),
    curves(
      {
        title: "Workers",
        description:
          "Processes and threads that share a page. Fresh: they answered the last scrape. Stale: they did not, and the page has their last known values. Empty where each process has its own page.",
        unit: units.Short,
      },
      curve(
        sum(ofInstances(FAMILIES.workers.name), LABEL_INSTANCE, LABEL_STATE),
        legendOf([LABEL_INSTANCE, LABEL_STATE]),
      ),
    ),
    curves(
      {
        title: "Workers started",
        description:
          "Processes and threads that have joined a page within the interval. A deployment starts each of them once; what goes on after it are workers that crash. Empty where each process has its own page.",
        unit: units.Short,
      },
      curve(sum(`increase(${ofInstances(FAMILIES.workersJoined.name)}[${AROUND.range}])`, LABEL_INSTANCE), LEGEND),
    ),
  ];
  return { title: "Health of the metrics", panels: panels.map((panel) => panel.span(FULL_WIDTH / 4).height(7)) };
}
