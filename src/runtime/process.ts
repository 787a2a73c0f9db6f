/**
 * The process itself: its CPU time, its start, and the Node.js that runs it.
 */
import type { Meter } from "@opentelemetry/api";
import { observe, SECONDS, type Stop, together } from "./observe.ts";

export function observeProcess(meter: Meter): Stop {
  return together([observeCpu(meter), observeStart(meter), observeVersion(meter)]);
}

/** Since the process began, all threads together: prom-client leaves out what came before its own start. */
function observeCpu(meter: Meter): Stop {
  const user = meter.createObservableCounter("process_cpu_user_seconds_total", {
    description: "Total user CPU time spent in seconds.",
    ...SECONDS,
  });
  const system = meter.createObservableCounter("process_cpu_system_seconds_total", {
    description: "Total system CPU time spent in seconds.",
    ...SECONDS,
  });
  const both = meter.createObservableCounter("process_cpu_seconds_total", {
    description: "Total user and system CPU time spent in seconds.",
    ...SECONDS,
  });
  return observe(meter, [user, system, both], (result) => {
    const microseconds = process.cpuUsage();
    result.observe(user, microseconds.user / 1e6);
    result.observe(system, microseconds.system / 1e6);
    result.observe(both, (microseconds.user + microseconds.system) / 1e6);
  });
}

function observeStart(meter: Meter): Stop {
  // once: the clock may be set while the process runs, but the start stays where it was
  const startedAtSeconds = Math.round(Date.now() / 1000 - process.uptime());
  const start = meter.createObservableGauge("process_start_time_seconds", {
    description: "Start time of the process since unix epoch in seconds.",
    ...SECONDS,
  });
  return observe(meter, [start], (result) => result.observe(start, startedAtSeconds));
}

function observeVersion(meter: Meter): Stop {
  const [major = "", minor = "", patch = ""] = process.versions.node.split(".");
  const labels = { version: process.version, major, minor, patch };
  const info = meter.createObservableGauge("nodejs_version_info", { description: "Node.js version info." });
  return observe(meter, [info], (result) => result.observe(info, 1, labels));
}
