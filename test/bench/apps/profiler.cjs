/**
 * Profiles of the process that it is loaded into: where its time goes, and who allocates how much. Each is written to the
 * file BENCH_PROFILE, as the inspector gives it.
 */
const { writeFileSync } = require("node:fs");
const { Session } = require("node:inspector/promises");

const SAMPLE_MICROSECONDS = 200;
const SAMPLE_BYTES = 1024;

const session = new Session();

async function write(result) {
  writeFileSync(process.env.BENCH_PROFILE, JSON.stringify((await result).profile));
  return 0;
}

exports.questions = {
  startTimes: async () => {
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_MICROSECONDS });
    await session.post("Profiler.start");
    return 0;
  },
  stopTimes: () => write(session.post("Profiler.stop")),
  startAllocations: async () => {
    session.connect();
    await session.post("HeapProfiler.startSampling", {
      samplingInterval: SAMPLE_BYTES,
      // what is garbage by the end, too: nearly all of it is
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
    return 0;
  },
  stopAllocations: () => write(session.post("HeapProfiler.stopSampling")),
};
