/**
 * The values of the `method` label: the known methods of the semantic conventions, everything else `_OTHER`.
 * A client can send any token as a method; as a label it would multiply the series.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/http/
 */

export const METHODS = [
  "GET",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "CONNECT",
  "TRACE",
  "QUERY",
  "_OTHER",
] as const;

const OTHER_METHOD = METHODS.length - 1;
const indexes = new Map<string, number>(METHODS.map((method, index) => [method, index]));

/** Hot path (per request). Index into METHODS of a request's method as received. */
export function methodIndex(method: string | undefined): number {
  return indexes.get(method ?? "") ?? OTHER_METHOD;
}
