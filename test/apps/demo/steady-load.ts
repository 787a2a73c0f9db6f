/**
 * Visitors who keep coming, for as long as somebody wants to watch: bounded in rate and in time.
 *
 * `node steady-load.ts http://shop:3000` is the load of otel-config/compose.yaml; the quick start has the same in its own process.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { A_DAY_IN_THE_SHOP, runTraffic, type Visitor } from "./traffic.ts";

const ROUND_MS = 10_000;

/** Of `A_DAY_IN_THE_SHOP` in every round: some nine requests a second. */
const SHARE = 0.1;

export const LOAD_MINUTES = 60;

export interface SteadyLoad {
  readonly address: string;
  /** Default: a tenth of a day in the shop. */
  readonly visitorsOfRound?: Readonly<Partial<Record<Visitor, number>>>;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/**
 * Comes back when the hour is over, or when the signal is aborted.
 *
 * @throws Error where a request fails for another reason than the client's leaving.
 */
export async function keepVisiting({ address, visitorsOfRound = aTenthOfADay(), signal }: SteadyLoad): Promise<void> {
  const rounds = (LOAD_MINUTES * 60_000) / ROUND_MS;
  try {
    for (let round = 0; round < rounds && !signal.aborted; round++) {
      const pause = sleep(ROUND_MS, undefined, { signal });
      pause.catch(() => {}); // it is awaited below, which may be never
      await runTraffic({
        address,
        visitors: visitorsOfRound,
        seed: 1789 + round * 1000,
        closesAfterMs: ROUND_MS,
        signal,
      });
      await pause;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function aTenthOfADay(): Partial<Record<Visitor, number>> {
  return Object.fromEntries(
    Object.entries(A_DAY_IN_THE_SHOP).map(([visitor, count]) => [visitor, Math.ceil(count * SHARE)]),
  );
}

if (import.meta.main) {
  const [address] = process.argv.slice(2);
  if (address === undefined || !URL.canParse(address)) {
    console.error("usage: node steady-load.ts http://shop:3000");
    process.exit(2);
  }
  const ended = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ended.abort());
  await keepVisiting({ address, signal: ended.signal });
}
