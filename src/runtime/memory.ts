/**
 * Memory: of the process as the system sees it, and of V8's heap.
 */
import { readFileSync } from "node:fs";
import { getHeapSpaceStatistics } from "node:v8";
import type { Attributes, Meter } from "@opentelemetry/api";
import { BYTES, observe, type Stop, together } from "./observe.ts";

export function observeMemory(meter: Meter): Stop {
  const stops = [observeUsage(meter), observeHeapSpaces(meter)];
  if (process.platform === "linux") stops.push(observeAddressSpace(meter));
  return together(stops);
}

function observeUsage(meter: Meter): Stop {
  const resident = bytes(meter, "process_resident_memory_bytes", "Resident memory size in bytes.");
  const heapTotal = bytes(meter, "nodejs_heap_size_total_bytes", "Process heap size from Node.js in bytes.");
  const heapUsed = bytes(meter, "nodejs_heap_size_used_bytes", "Process heap size used from Node.js in bytes.");
  const external = bytes(meter, "nodejs_external_memory_bytes", "Node.js external memory size in bytes.");
  return observe(meter, [resident, heapTotal, heapUsed, external], (result) => {
    const usage = process.memoryUsage();
    result.observe(resident, usage.rss);
    result.observe(heapTotal, usage.heapTotal);
    result.observe(heapUsed, usage.heapUsed);
    result.observe(external, usage.external);
  });
}

function observeHeapSpaces(meter: Meter): Stop {
  const size = (what: string) =>
    bytes(meter, `nodejs_heap_space_size_${what}_bytes`, `Process heap space size ${what} from Node.js in bytes.`);
  const total = size("total");
  const used = size("used");
  const available = size("available");
  const labels = new Map<string, Attributes>();
  const labelsOf = (spaceName: string): Attributes => {
    const known = labels.get(spaceName);
    if (known !== undefined) return known;
    const made = { space: spaceName.replace(/_space$/, "") };
    labels.set(spaceName, made);
    return made;
  };
  return observe(meter, [total, used, available], (result) => {
    for (const space of getHeapSpaceStatistics()) {
      const attributes = labelsOf(space.space_name);
      result.observe(total, space.space_size, attributes);
      result.observe(used, space.space_used_size, attributes);
      result.observe(available, space.space_available_size, attributes);
    }
  });
}

/** https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function observeAddressSpace(meter: Meter): Stop {
  const virtual = bytes(meter, "process_virtual_memory_bytes", "Virtual memory size in bytes.");
  const data = bytes(meter, "process_heap_bytes", "Process heap size in bytes.");
  return observe(meter, [virtual, data], (result) => {
    const status = readFileSync("/proc/self/status", "utf8");
    for (const [instrument, field] of [
      [virtual, /^VmSize:\s+(\d+) kB$/m],
      [data, /^VmData:\s+(\d+) kB$/m],
    ] as const) {
      const kibibytes = field.exec(status)?.[1];
      if (kibibytes !== undefined) result.observe(instrument, Number(kibibytes) * 1024);
    }
  });
}

function bytes(meter: Meter, name: string, description: string) {
  return meter.createObservableGauge(name, { description, ...BYTES });
}
