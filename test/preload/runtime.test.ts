/** The runtime metrics as they ship, on each Node.js: what is shown where, and that nothing is left that holds a process. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { REPOSITORY } from "../support/app.ts";
import { nodeBinary } from "../support/node-versions.ts";
import { run } from "../support/run.ts";

const MEASURE = join(REPOSITORY, "test/apps/runtime/measure.cjs");

/** The oldest of 20 works, and is not supported. */
const VERSIONS = ["20.19", "22", "24", "26"];

const EVERYWHERE = [
  "nodejs_active_resources_total",
  "nodejs_external_memory_bytes",
  "nodejs_heap_size_total_bytes",
  "nodejs_heap_size_used_bytes",
  "nodejs_heap_space_size_available_bytes",
  "nodejs_heap_space_size_total_bytes",
  "nodejs_heap_space_size_used_bytes",
  "nodejs_version_info",
  "process_cpu_seconds_total",
  "process_cpu_system_seconds_total",
  "process_cpu_user_seconds_total",
  "process_resident_memory_bytes",
  "process_start_time_seconds",
];
const LINUX = ["process_heap_bytes", "process_max_fds", "process_open_fds", "process_virtual_memory_bytes"];
const UNDOCUMENTED = ["nodejs_active_handles_total", "nodejs_active_requests_total"];

/** Those that need something to have happened: a collection of garbage, a turn of the event loop, a connection. */
const SOMETIMES = /^nodejs_(gc|eventloop)_|^nodejs_active_(handles|requests|resources)$/;

const CASES = [
  { asked: "collect", shows: [...EVERYWHERE, ...LINUX, ...UNDOCUMENTED] },
  { asked: "bare", shows: EVERYWHERE },
  { asked: "worker", shows: [...EVERYWHERE, ...LINUX, ...UNDOCUMENTED] },
  { asked: "stop", shows: [] },
] as const;

describe("runtime metrics on Node.js", function () {
  // npm downloads what is not there yet
  this.timeout(200_000);
  before(() => Promise.all(VERSIONS.map(nodeBinary)));

  for (const version of VERSIONS) {
    describe(version, () => {
      for (const { asked, shows } of CASES) {
        it(`${asked}: ${shows.length} families for sure, and the process ends by itself`, async () => {
          const { exit, stdout, stderr } = await run({ command: await nodeBinary(version), args: [MEASURE, asked] });
          assert.deepEqual({ exit, stderr }, { exit: 0, stderr: "" });
          const { families, errors, active } = JSON.parse(stdout);
          assert.deepEqual(errors, []);
          const sure = families.filter((name: string) => !SOMETIMES.test(name));
          assert.deepEqual(sure.sort(), [...shows].sort());
          // the worker's own port is there anyway
          if (asked !== "worker") assert.deepEqual(active.resources, []);
          if (asked === "collect") assert.equal(active.handles, 0);
        });
      }
    });
  }
});
