/** The collector as a process: started, waited for until it is ready, ended. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { until } from "../until.ts";

const START_MS = 30_000;
const STOP_MS = 5000;
const READY = "Everything is ready";

export interface CollectorProcess {
  stop(): Promise<void>;
}

/** @throws Error with the collector's log where it is not ready in time */
export async function startCollectorProcess(program: string, configFile: string): Promise<CollectorProcess> {
  const collector = spawn(program, ["--config", configFile], { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(collector, "exit");
  const killWithUs = () => collector.kill("SIGKILL");
  process.once("exit", killWithUs);
  const stop = async () => {
    collector.kill("SIGTERM");
    const stuck = setTimeout(killWithUs, STOP_MS);
    await exited.finally(() => clearTimeout(stuck));
    process.removeListener("exit", killWithUs);
  };
  let log = "";
  collector.stderr.setEncoding("utf8").on("data", (text) => {
    log += text;
  });
  try {
    await until("the collector is ready", START_MS, async () => {
      if (collector.exitCode !== null) throw new Error(`it ended with ${collector.exitCode}`);
      return log.includes(READY) || undefined;
    });
    return { stop };
  } catch (error) {
    await stop();
    throw new Error(`the collector did not start: ${log}`, { cause: error });
  }
}
