/**
 * Failures of exports: which of them pass by themselves, and the remedy for those that do not.
 *
 * https://opentelemetry.io/docs/specs/otlp/#failures, https://opentelemetry.io/docs/specs/otlp/#failures-1
 */

/** As exporters give it: a status of HTTP, a status of gRPC, or a code of the system or of Node. */
export interface Failure {
  readonly message: string;
  readonly code?: unknown;
}

/** gRPC has statuses below 20. https://grpc.io/docs/guides/status-codes/ */
const GRPC = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
};

const PASSING: readonly unknown[] = [
  ...[429, 502, 503, 504],
  GRPC.CANCELLED,
  GRPC.DEADLINE_EXCEEDED,
  // unless the request is too large: then the next one will be, too
  GRPC.RESOURCE_EXHAUSTED,
  GRPC.ABORTED,
  GRPC.OUT_OF_RANGE,
  GRPC.UNAVAILABLE,
  GRPC.DATA_LOSS,
];

/** A collector answers a body beyond its limit with 400, a proxy with 413. */
const TOO_LARGE_CODES: readonly unknown[] = [400, GRPC.RESOURCE_EXHAUSTED];
const TOO_LARGE = /too large|larger than max/i;

/** A part of the request would get through. */
export function isTooLarge({ code, message }: Failure): boolean {
  return code === 413 || (TOO_LARGE_CODES.includes(code) && TOO_LARGE.test(message));
}

const TOO_LARGE_REMEDY =
  "raise the collector's limit (max_request_body_size for HTTP, max_recv_msg_size_mib for gRPC), or lower RED_MAX_LABEL_SETS";

/** Codes, or what the texts of codes match. */
const REMEDIES: readonly (readonly [codes: readonly number[] | RegExp, remedy: string])[] = [
  [[400, 422, GRPC.INVALID_ARGUMENT], "the collector's log says what it does not accept"],
  [
    [401, 403, 407, GRPC.UNAUTHENTICATED, GRPC.PERMISSION_DENIED],
    "check the credentials in OTEL_EXPORTER_OTLP_HEADERS",
  ],
  [
    [301, 302, 303, 307, 308, 404, 405, 410, GRPC.NOT_FOUND, GRPC.UNIMPLEMENTED],
    "check OTEL_EXPORTER_OTLP_ENDPOINT and its path, and whether the collector receives metrics there",
  ],
  [[406, 415], "check OTEL_EXPORTER_OTLP_PROTOCOL"],
  [/^HPE_/, "check OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_PROTOCOL: port 4318 is HTTP, 4317 is gRPC"],
  [/CERT|SELF_SIGNED|^ERR_TLS|^ERR_SSL/, "check OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_CERTIFICATE and _CLIENT_KEY"],
];

const OTHER_REMEDY = "the collector's log says why";

/** @returns the remedy for a failure that does not pass by itself; undefined for one that may, as most of the network do */
export function remedyFor(failure: Failure): string | undefined {
  const { code } = failure;
  if (isTooLarge(failure)) return TOO_LARGE_REMEDY;
  if (PASSING.includes(code)) return undefined;
  const matches = (codes: readonly number[] | RegExp) =>
    codes instanceof RegExp ? typeof code === "string" && codes.test(code) : codes.some((each) => each === code);
  const remedy = REMEDIES.find(([codes]) => matches(codes))?.[1];
  return remedy ?? (typeof code === "number" ? OTHER_REMEDY : undefined);
}
