/**
 * The process: whether slowness is its own. The names are those of prom-client's default metrics.
 * https://github.com/siimon/prom-client#default-metrics
 */
import * as units from "@grafana/grafana-foundation-sdk/units";
import { LABEL_WORKER } from "../../../../view/red.ts";
import { indented } from "../../prometheus/promql.ts";
import { curve, curves, FULL_WIDTH, type Row, thresholds, withLimits } from "../panels.ts";
import { AROUND, LABEL_INSTANCE, ofInstances, sum } from "../query.ts";

/** A process that shares its page with others has a number there; one that is alone has no such label. */
const WORKER = [LABEL_INSTANCE, LABEL_WORKER];
const BY_WORKER = `by (${WORKER.join(", ")})`;
/** The word between instance and number, only where there is a number: Grafana's legends know no condition. */
const LABEL_WORD = "word";
const LEGEND = `{{${LABEL_INSTANCE}}}{{${LABEL_WORD}}}{{${LABEL_WORKER}}}`;

function withWorker(series: string): string {
  return `label_replace(\n${indented(series)},\n  "${LABEL_WORD}", " worker ", "${LABEL_WORKER}", ".+"\n)`;
}

export function runtime(): Row {
  const perSecond = (metric: string, ...by: readonly string[]) =>
    withWorker(sum(`rate(${ofInstances(metric)}[${AROUND.range}])`, ...WORKER, ...by));
  const highest = (metric: string) => withWorker(`max ${BY_WORKER} (${ofInstances(metric)})`);
  const panels = [
    withLimits(
      curves(
        {
          title: "CPU",
          description:
            "Of one core, user and system time. JavaScript runs on one thread: near 100 % it is the limit, and what lies above is garbage collection and the thread pool.",
          unit: units.PercentUnit,
        },
        curve(perSecond("process_cpu_seconds_total"), LEGEND),
      ),
      thresholds("green", [0.9, "red"]),
    ),
    withLimits(
      curves(
        {
          title: "Event loop utilization",
          description:
            "Part of the time in which the event loop was not waiting for events. Above 90 % requests queue up.",
          unit: units.PercentUnit,
        },
        curve(highest("nodejs_eventloop_utilization"), LEGEND),
      ).max(1),
      thresholds("green", [0.7, "yellow"], [0.9, "red"]),
    ),
    withLimits(
      curves(
        {
          title: "Event loop lag, p99",
          description:
            "99 % of the turns came no later than this since the scrape before. Every request in flight waits for the latest of them.",
          unit: units.Seconds,
        },
        curve(highest("nodejs_eventloop_lag_p99_seconds"), LEGEND),
      ),
      thresholds("green", [0.1, "yellow"], [0.5, "red"]),
    ),
    curves(
      {
        title: "Memory",
        description:
          "Resident is what the container's limit applies to, of all workers together; heap is JavaScript's part of it. A heap that rises from one collection to the next is a leak.",
        unit: units.BytesIEC,
      },
      curve(highest("process_resident_memory_bytes"), `${LEGEND} resident`),
      curve(highest("nodejs_heap_size_used_bytes"), `${LEGEND} heap used`),
    ),
    curves(
      {
        title: "Garbage collection",
        description: "Part of the time spent in it, by kind. Major collections stop the application.",
        unit: units.PercentUnit,
      },
      curve(perSecond("nodejs_gc_duration_seconds_sum", "kind"), `${LEGEND} {{kind}}`),
    ),
    curves(
      {
        title: "Open file descriptors",
        description: "Sockets are file descriptors: what rises without an end is a leak of connections.",
        unit: units.Short,
      },
      curve(highest("process_open_fds"), LEGEND),
    ),
  ];
  return { title: "Runtime", panels: panels.map((panel) => panel.span(FULL_WIDTH / 3).height(7)) };
}
