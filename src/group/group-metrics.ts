/**
 * The metrics of a group as one collection, as an exporter reads those of a process.
 */

import { millisToHrTime } from "@opentelemetry/core";
import { AggregationTemporality, type ScopeMetrics } from "@opentelemetry/sdk-metrics";
import { numberData } from "../view/metric-data.ts";
import type { RedScopeMetrics } from "../view/producer.ts";
import { FAMILIES, LABEL_STATE } from "../view/red.ts";
import { SCOPE } from "../view/scope.ts";
import type { GroupState, Member } from "./group-state.ts";
import type { MemberMetrics } from "./merged-metrics.ts";
import { mergeRed } from "./merged-red.ts";
import { lasting } from "./metrics.ts";

/** Everything as it is known now. */
export function groupMetrics(state: GroupState): ScopeMetrics[] {
  const nowMs = Date.now();
  const red: RedScopeMetrics = { scope: SCOPE, metrics: [], red: mergeRed(state, nowMs) };
  return [red, ...state.mergedMetrics.merge(memberMetrics(state)), workers(state, nowMs)];
}

function memberMetrics({ members, ended }: GroupState): MemberMetrics[] {
  const here = [...members.values()].filter(({ isHere }) => isHere);
  /** The first thread of each process. */
  const first = new Map<number, Member>();
  for (const member of here) {
    const { pid, thread } = member.identity;
    if (thread < (first.get(pid)?.identity.thread ?? Number.POSITIVE_INFINITY)) first.set(pid, member);
  }
  return [
    ...[...members.values()].map((member) => ({
      metrics: member.isHere ? member.counts.metrics : lasting(member.counts.metrics),
      worker: member.isHere ? member.worker : undefined,
      isProcess: first.get(member.identity.pid) === member,
    })),
    { metrics: ended.counts.metrics, worker: undefined, isProcess: false },
  ];
}

function workers({ workers: { fresh, stale }, joined }: GroupState, nowMs: number): ScopeMetrics {
  const time = { startTime: millisToHrTime(nowMs), endTime: millisToHrTime(nowMs) };
  const states = Object.entries({ fresh, stale });
  return {
    scope: SCOPE,
    metrics: [
      numberData(
        FAMILIES.workers,
        "gauge",
        states.map(([state, value]) => ({ ...time, attributes: { [LABEL_STATE]: state }, value })),
        AggregationTemporality.CUMULATIVE,
      ),
      numberData(
        FAMILIES.workersJoined,
        "counter",
        [{ ...time, attributes: {}, value: joined }],
        AggregationTemporality.CUMULATIVE,
      ),
    ],
  };
}
