/**
 * `npm run demo`: see demo.ts. Ends with 0 if the metrics are right to the last request, 1 if anything is not, 2 on bad
 * arguments, 130 if interrupted before there was a result.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { demo } from "./demo.ts";
import { A_DAY_IN_THE_SHOP } from "./traffic.ts";

const USAGE =
  "usage: npm run demo [-- --stay], with OTEL_EXPORTER_PROMETHEUS_PORT from 1 to 65535 if 9464 does not suit";
const PRELOAD = fileURLToPath(new URL("../../../dist/register.cjs", import.meta.url));
const DEFAULT_PORT = "9464";

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    console.error(USAGE);
    return 2;
  }
  const interruption = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interruption.abort());
  try {
    const agreed = await demo({
      ...options,
      preload: PRELOAD,
      visitors: A_DAY_IN_THE_SHOP,
      interrupted: interruption.signal,
      print: (text) => console.log(text),
    });
    return agreed ? 0 : 1;
  } catch (error) {
    if (interruption.signal.aborted) return 130;
    console.error(`demo: ${explain(error)}`);
    return 1;
  }
}

function readOptions(): { stay: boolean; preferredPort: number } | undefined {
  const preferredPort = Number(process.env.OTEL_EXPORTER_PROMETHEUS_PORT || DEFAULT_PORT);
  if (!Number.isInteger(preferredPort) || preferredPort < 1 || preferredPort > 65535) return undefined;
  try {
    const { stay } = parseArgs({ options: { stay: { type: "boolean", default: false } } }).values;
    return { stay, preferredPort };
  } catch {
    return undefined;
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${explain(error.cause)}`;
}
