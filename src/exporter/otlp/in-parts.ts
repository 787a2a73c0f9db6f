/**
 * Sends in parts what the collector finds too large: gRPC servers take 4 MiB unless they are told otherwise.
 */
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { MetricData, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { isTooLarge } from "./failures.ts";

export type Send = (metrics: ResourceMetrics, onResult: (result: ExportResult) => void) => void;

/** Data points of a request that is not split any more. */
const SMALLEST = 100;
/** Of one export: a collector that finds everything too large is not asked for ever. */
const MOST_REFUSALS = 16;

/** Once a request was too large, those of later exports have no more than half of its data points. */
export function inParts(send: Send): Send {
  let most = Number.POSITIVE_INFINITY;
  const sendPart = (part: ResourceMetrics) => new Promise<ExportResult>((resolve) => send(part, resolve));

  const sendAll = async (metrics: ResourceMetrics): Promise<ExportResult> => {
    const waiting = [metrics];
    let refusals = 0;
    let outcome: ExportResult = { code: ExportResultCode.SUCCESS };
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      // data points are made when they are asked for
      if (most !== Number.POSITIVE_INFINITY && most < pointsIn(part)) {
        waiting.unshift(...split(part, most));
        continue;
      }
      const result = await sendPart(part);
      if (result.code === ExportResultCode.SUCCESS) continue;
      if (result.error === undefined || !isTooLarge(result.error)) return result;
      const half = Math.max(SMALLEST, Math.ceil(pointsIn(part) / 2));
      if (half < pointsIn(part)) waiting.unshift(part);
      else outcome = result;
      most = ++refusals < MOST_REFUSALS ? Math.min(most, half) : Number.POSITIVE_INFINITY;
      if (refusals === MOST_REFUSALS) return result;
    }
    return outcome;
  };

  return (metrics, onResult) => {
    sendAll(metrics).then(onResult, (error) => onResult({ code: ExportResultCode.FAILED, error }));
  };
}

function pointsIn({ scopeMetrics }: ResourceMetrics): number {
  let points = 0;
  for (const { metrics } of scopeMetrics) for (const { dataPoints } of metrics) points += dataPoints.length;
  return points;
}

/** @param most data points in a part */
function split({ resource, scopeMetrics }: ResourceMetrics, most: number): ResourceMetrics[] {
  const parts: { resource: typeof resource; scopeMetrics: { scope: Scope; metrics: MetricData[] }[] }[] = [];
  let room = 0;
  for (const { scope, metrics } of scopeMetrics) {
    let last: MetricData[] | undefined;
    for (const metric of metrics) {
      for (let from = 0; from < metric.dataPoints.length; ) {
        if (room === 0) {
          parts.push({ resource, scopeMetrics: [] });
          room = most;
          last = undefined;
        }
        if (last === undefined) {
          last = [];
          parts.at(-1)?.scopeMetrics.push({ scope, metrics: last });
        }
        const dataPoints = metric.dataPoints.slice(from, from + room);
        last.push({ ...metric, dataPoints } as MetricData);
        from += dataPoints.length;
        room -= dataPoints.length;
      }
    }
  }
  return parts;
}

type Scope = ResourceMetrics["scopeMetrics"][number]["scope"];
