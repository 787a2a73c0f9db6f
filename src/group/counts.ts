/**
 * What one member of the group has counted, as the serving process or its standby knows it. Its label sets are those of the
 * group, which may have shown what is too much under `other`.
 */
import type { Exemplar, LabelSet, LabelSets, Operation } from "../view/label-sets.ts";
import { METHODS } from "../view/methods.ts";
import { type Countable, Differences } from "./differences.ts";
import { checkedMetric, type Metric } from "./metrics.ts";
import type { Change, LabelSetDefinition, OperationDefinition } from "./protocol.ts";

/**
 * Seconds. Sums of durations are multiples of this (60 ns), so that they add up to the same number in any order: a sum that
 * is smaller by the last of its digits would be a counter reset to Prometheus. Up to 17 years of requests it is exact.
 */
const GRAIN = 2 ** -24;

/** Numbers by position of a label set or operation of the member. */
export class Counts {
  readonly operations: Operation[] = [];
  readonly labelSets: LabelSet[] = [];
  /** As `RedSnapshot.values`; longer than needed. */
  values = new Float64Array(0);
  readonly aborted: number[] = [];
  /** Position of an operation, and its requests in flight. */
  active: NonNullable<Change["active"]> = [];
  excluded = 0;
  readonly parserErrors = new Map<number, number>();
  readonly metrics = new Map<string, Metric>();
  /** Since the epoch; 0 where it is not known. */
  startedAtMs = 0;
  readonly #stride: number;

  /** @param stride numbers that one label set has */
  constructor(stride: number) {
    this.#stride = stride;
  }

  /** Whether nothing is known yet. */
  get isEmpty(): boolean {
    return this.startedAtMs === 0;
  }

  /** As the next one is told of it. */
  get countable(): Countable {
    const { operations, labelSets } = this;
    return {
      operations,
      operationCount: operations.length,
      labelSets,
      labelSetCount: labelSets.length,
      values: this.values,
      aborted: this.aborted,
      active: this.active,
      excluded: this.excluded,
      parserErrors: this.parserErrors,
      startedAtMs: this.startedAtMs,
    };
  }

  /**
   * @param sets of the group: takes in new label sets, as far as there is room
   * @throws where the change is no change; what came before it in the message is applied
   */
  apply(change: Change, numbers: Float64Array, sets: LabelSets): void {
    for (const template of change.templates) sets.template(text(template));
    for (const definition of change.operations) this.operations.push(admitOperation(sets, definition));
    for (const definition of change.labelSets) this.labelSets.push(admitLabelSet(sets, definition));
    this.makeRoom();
    this.#applyRows(change.rows, numbers);
    for (const [position, aborted] of change.aborted) this.aborted[within(position, this.operations)] = amount(aborted);
    if (change.active !== undefined) {
      for (const [position, active] of change.active) {
        within(position, this.operations);
        amount(active);
      }
      this.active = change.active;
    }
    this.excluded = amount(change.excluded);
    for (const [status, count] of change.parserErrors) this.parserErrors.set(amount(status), amount(count));
    for (const [position, bucket, traceId, spanId, value, atMs] of change.exemplars)
      show(this.labelSets[position], bucket, { traceId, spanId, value, atMs });
    this.startedAtMs = amount(change.startedAtMs);
    for (const [key, metric] of change.metrics) this.metrics.set(text(key), checkedMetric(metric));
  }

  /** All that is known elsewhere, of a group with other label sets. */
  takeAll({ countable, metrics }: Counts, sets: LabelSets): void {
    const { change, numbers } = new Differences(this.#stride).take(countable, metrics);
    this.apply(change, numbers, sets);
  }

  /** For the values of all label sets. */
  makeRoom(): void {
    const needed = this.labelSets.length * this.#stride;
    if (needed <= this.values.length) return;
    const values = new Float64Array(Math.max(needed, 2 * this.values.length));
    values.set(this.values);
    this.values = values;
  }

  #applyRows(rows: readonly number[], numbers: Float64Array): void {
    const stride = this.#stride;
    if (numbers.length < rows.length * stride) throw new RangeError("values are missing");
    for (let at = 0; at < rows.length; at++) {
      const start = within(rows[at] as number, this.labelSets) * stride;
      for (let i = 0; i < stride; i++) this.values[start + i] = amount(numbers[at * stride + i] as number);
      const sum = start + stride - 1;
      this.values[sum] = Math.floor((this.values[sum] as number) / GRAIN) * GRAIN;
    }
  }
}

function admitOperation(sets: LabelSets, [value, source, isUnrouted, methodIndex]: OperationDefinition): Operation {
  const path = sets.admit(text(value), source, isUnrouted === 1);
  return sets.operation(path, method(methodIndex));
}

function admitLabelSet(sets: LabelSets, definition: LabelSetDefinition): LabelSet {
  const [value, source, isUnrouted, methodIndex, statusCode] = definition;
  const path = sets.admit(text(value), source, isUnrouted === 1);
  return sets.labelSet(path, method(methodIndex), amount(statusCode));
}

/** What comes later is newer: the clocks of members may differ. */
function show(labelSet: LabelSet | undefined, bucket: number, exemplar: Exemplar): void {
  if (labelSet === undefined) throw new RangeError("no such label set");
  labelSet.exemplars[amount(bucket)] = exemplar;
}

function method(index: number): number {
  if (METHODS[index] === undefined) throw new RangeError("no such method");
  return index;
}

function within(position: number, list: readonly unknown[]): number {
  if (!(Number.isInteger(position) && position >= 0 && position < list.length))
    throw new RangeError("no such position");
  return position;
}

function amount(value: number): number {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) throw new RangeError("not an amount");
  return value;
}

function text(value: string): string {
  if (typeof value !== "string") throw new TypeError("not a text");
  return value;
}
