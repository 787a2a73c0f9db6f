/**
 * The order of the measurements: each round has every variant once, in an order of its own, and the bare application
 * so often that one of its measurements is never far.
 */
import type { Measurement } from "./compare.ts";
import { BARE, type Variant } from "./variants.ts";

/** Measurements of other variants between two of the bare application. */
const BARE_AFTER = 2;

function* round(compared: readonly Variant[]): Generator<Variant> {
  yield BARE;
  for (const [index, variant] of shuffled(compared).entries()) {
    if (index > 0 && index % BARE_AFTER === 0) yield BARE;
    yield variant;
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

/** Takes the measurement of each variant in turn, the bare one among them, in so many rounds. */
export async function interleaved<T>(
  compared: readonly Variant[],
  rounds: number,
  measure: (variant: Variant) => Promise<T>,
): Promise<Measurement<T>[]> {
  const measurements: Measurement<T>[] = [];
  for (let count = 0; count < rounds; count++) {
    for (const variant of round(compared)) {
      const startedAtMs = performance.now();
      const value = await measure(variant);
      measurements.push({ variant: variant.name, atMs: (startedAtMs + performance.now()) / 2, value });
    }
  }
  return measurements;
}
