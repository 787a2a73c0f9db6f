/** `npm run quickstart`: see quickstart.ts. Ends with 0 if interrupted, 1 if anything is missing or fails, 2 on arguments. */
import { fileURLToPath } from "node:url";
import { freePorts } from "./ports.ts";
import { quickstart } from "./quickstart.ts";

const PRELOAD = fileURLToPath(new URL("../../../dist/register.cjs", import.meta.url));

process.exitCode = await main();

async function main(): Promise<number> {
  if (process.argv.length > 2) {
    console.error("usage: npm run quickstart");
    return 2;
  }
  const interruption = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interruption.abort());
  try {
    await quickstart({
      preload: PRELOAD,
      ports: await freePorts(),
      interrupted: interruption.signal,
      print: (text) => console.log(text),
    });
  } catch (error) {
    // a Ctrl-C reaches all processes of the terminal: that others have ended is no news then
    if (!interruption.signal.aborted) {
      console.error(`quickstart: ${error instanceof Error ? error.message : error}`);
      return 1;
    }
  }
  return 0;
}
