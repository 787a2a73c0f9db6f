/** Debian's Alertmanager and amtool, as processes of a test or of the quick start. */
import { spawnSync } from "node:child_process";
import { type Program, requireProgram, type ServerProcess, startServer } from "./server-process.ts";

/** Elsewhere than at Debian it is called as its authors call it. */
export const ALERTMANAGER: Program = {
  names: ["prometheus-alertmanager", "alertmanager"],
  debianPackage: "prometheus-alertmanager",
};
const AMTOOL: Program = { names: ["amtool"], debianPackage: "prometheus-alertmanager" };

/**
 * Starts Alertmanager, alone: without a cluster.
 *
 * @param listenAddress `host:port`. Default: a free port on 127.0.0.1.
 */
export function startAlertmanager(configFile: string, listenAddress = "127.0.0.1:0"): Promise<ServerProcess> {
  return startServer(ALERTMANAGER, (dataFolder) => [
    `--config.file=${configFile}`,
    `--storage.path=${dataFolder}`,
    `--web.listen-address=${listenAddress}`,
    "--cluster.listen-address=",
  ]);
}

/** What amtool answers. @throws Error with all that it said where it does not end with 0 */
export function amtool(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(requireProgram(AMTOOL), args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`amtool ${args.join(" ")} ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}
