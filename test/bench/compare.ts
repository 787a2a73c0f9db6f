/**
 * From measurements of several variants, taken in turn, to what each adds to the bare application.
 */
import type { VariantName } from "./variants.ts";

export interface Measurement<T = number> {
  readonly variant: VariantName;
  /** When it was taken, in milliseconds of the monotonic clock. */
  readonly atMs: number;
  readonly value: T;
}

/** One figure out of measurements that took several. */
export function pick<T>(
  measurements: readonly Measurement<T>[],
  figures: (value: T) => readonly number[],
): Measurement[] {
  return measurements.flatMap(({ value, ...rest }) => figures(value).map((figure) => ({ ...rest, value: figure })));
}

export interface Summary {
  readonly median: number;
  /** First and third quartile. */
  readonly p25: number;
  readonly p75: number;
  readonly count: number;
}

export type Relation = (value: number, bare: number) => number;
export const ratio: Relation = (value, bare) => value / bare;
export const difference: Relation = (value, bare) => value - bare;

/** @throws RangeError of nothing */
export function summary(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError("nothing was measured");
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    p25: quantile(sorted, 0.25),
    p75: quantile(sorted, 0.75),
    count: sorted.length,
  };
}

/** Between two values it is interpolated. */
function quantile(sorted: readonly number[], q: number): number {
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (above - below) * (position - Math.floor(position));
}

/** The values of each variant as they were measured. */
export function absolute(measurements: readonly Measurement[]): Map<VariantName, Summary> {
  return summaries(measurements, ({ value }) => value);
}

/**
 * The values of each variant against the measurement of the bare application nearest in time: what makes the machine
 * faster or slower for a while is in both.
 */
export function related(measurements: readonly Measurement[], relation: Relation): Map<VariantName, Summary> {
  const bare = measurements.filter(({ variant }) => variant === "bare");
  const compared = measurements.filter(({ variant }) => variant !== "bare");
  return summaries(compared, ({ value, atMs }) => relation(value, nearest(bare, atMs).value));
}

function nearest(measurements: readonly Measurement[], atMs: number): Measurement {
  return measurements.reduce((best, each) => (Math.abs(each.atMs - atMs) < Math.abs(best.atMs - atMs) ? each : best));
}

function summaries(
  measurements: readonly Measurement[],
  figure: (measurement: Measurement) => number,
): Map<VariantName, Summary> {
  const figures = new Map<VariantName, number[]>();
  for (const measurement of measurements) {
    const { variant } = measurement;
    figures.set(variant, [...(figures.get(variant) ?? []), figure(measurement)]);
  }
  return new Map([...figures].map(([variant, values]) => [variant, summary(values)]));
}
