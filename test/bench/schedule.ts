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

export function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

/** Takes so many measurements of each of two; each of them is first in every other turn. */
export async function inTurns<T>(
  pair: readonly [Variant, Variant],
  turns: number,
  measure: (variant: Variant) => Promise<T>,
): Promise<Measurement<T>[]> {
  const measurements: Measurement<T>[] = [];
  for (let turn = 0; turn < turns; turn++) {
    for (const variant of turn % 2 === 0 ? pair : pair.toReversed()) measurements.push(await timed(variant, measure));
  }
  return measurements;
}

/** Takes the measurement of each variant in turn, the bare one among them, in so many rounds. */
export async function interleaved<T>(
  compared: readonly Variant[],
  rounds: number,
  measure: (variant: Variant) => Promise<T>,
): Promise<Measurement<T>[]> {
  const measurements: Measurement<T>[] = [];
  for (let count = 0; count < rounds; count++) {
    for (const variant of round(compared)) measurements.push(await timed(variant, measure));
  }
  return measurements;
}

async function timed<T>(variant: Variant, measure: (variant: Variant) => Promise<T>): Promise<Measurement<T>> {
  const startedAtMs = performance.now();
  const value = await measure(variant);
  return { variant: variant.name, atMs: (startedAtMs + performance.now()) / 2, value };
}
