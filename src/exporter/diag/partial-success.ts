/**
 * What OpenTelemetry's exporters say where a collector has taken an export, and rejected a part of it.
 * https://opentelemetry.io/docs/specs/otlp/#partial-success-1
 */

const BEGINS = "Received Partial Success response:";

/** @returns the same in words, or undefined where the parts of the message say something else */
export function partialSuccess([begins, response]: readonly unknown[]): string | undefined {
  if (begins !== BEGINS || typeof response !== "string") return undefined;
  const { rejectedDataPoints, errorMessage } = JSON.parse(response) as Readonly<Record<string, unknown>>;
  const because = typeof errorMessage === "string" && errorMessage !== "" ? `: ${errorMessage}` : "";
  const count = Number(rejectedDataPoints ?? 0);
  if (count > 0) return `the collector has rejected ${count} data points of an export, which are lost${because}`;
  return because && `the collector warns of an export that it has taken${because}`;
}
