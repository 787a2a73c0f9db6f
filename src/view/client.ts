/**
 * The view of outgoing requests: `http.client.request.duration` of the semantic conventions in, the RED histogram with
 * the labels method, status_code, host and service out.
 *
 * The hosts that an application calls may come from its users (webhooks, crawlers), so they have a budget. It is spent
 * here, in front of the aggregation: the SDK's own limit starts anew with each collection and so bounds nothing under
 * cumulative temporality, and what overflows it loses its method and status.
 */
import type { Attributes } from "@opentelemetry/api";
import { AggregationType, type IAttributesProcessor, type ViewOptions } from "@opentelemetry/sdk-metrics";
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  METRIC_HTTP_CLIENT_REQUEST_DURATION,
} from "@opentelemetry/semantic-conventions";
import { METHODS, methodIndex } from "./methods.ts";
import {
  CLIENT_FAMILIES,
  LABEL_HOST,
  LABEL_METHOD,
  LABEL_SERVICE,
  LABEL_STATUS_CODE,
  NO_RESPONSE_STATUS,
  ROOM_FOR_OVERFLOW,
} from "./red.ts";

export interface ClientViewOptions {
  /** Value of the `service` label. */
  readonly service: string;
  /** Upper bounds in seconds, ascending, without `+Inf`. */
  readonly durationBuckets: readonly number[];
  /** Most label sets (method, status code, host) at a time; further hosts are shown as `other`, which comes on top. */
  readonly maxLabelSets: number;
  /** Called once, when the first request does not get a label set of its own. */
  readonly onOverflow: () => void;
}

export function clientView(options: ClientViewOptions): ViewOptions {
  return {
    instrumentName: METRIC_HTTP_CLIENT_REQUEST_DURATION,
    name: CLIENT_FAMILIES.duration.name,
    description: CLIENT_FAMILIES.duration.description,
    aggregation: {
      type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
      options: { boundaries: [...options.durationBuckets], recordMinMax: false },
    },
    attributesProcessors: [clientLabels(options)],
    aggregationCardinalityLimit: options.maxLabelSets + ROOM_FOR_OVERFLOW,
  };
}

/** Never the name of a host: those have a port. */
const OTHER = "other";

/** A DNS name has at most 253 characters; with brackets or a port a few more. What is longer was never reached. */
const LONGEST_HOST = 260;

/** Maps the attributes of the semantic conventions to the labels, within the budget. */
export function clientLabels(options: Omit<ClientViewOptions, "durationBuckets">): IAttributesProcessor {
  const { service, maxLabelSets, onOverflow } = options;
  const taken = new Set<string>();
  let overflowed = false;
  const withinBudget = (method: string, status: string, host: string): string => {
    const labelSet = `${method} ${status} ${host}`;
    if (taken.has(labelSet)) return host;
    if (host.length <= LONGEST_HOST && taken.size < maxLabelSets) {
      taken.add(labelSet);
      return host;
    }
    if (!overflowed && taken.size >= maxLabelSets) {
      overflowed = true;
      onOverflow();
    }
    return OTHER;
  };
  return {
    process(attributes: Attributes): Attributes {
      const method = METHODS[methodIndex(attributes[ATTR_HTTP_REQUEST_METHOD] as string | undefined)] as string;
      const status = String(attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] ?? NO_RESPONSE_STATUS);
      return {
        [LABEL_METHOD]: method,
        [LABEL_STATUS_CODE]: status,
        [LABEL_HOST]: withinBudget(method, status, hostAndPort(attributes)),
        [LABEL_SERVICE]: service,
      };
    },
  };
}

/** `api.example.com:443`, `[::1]:8080`; one spelling, whichever client was used. A Unix socket's path has no port. */
function hostAndPort({ [ATTR_SERVER_ADDRESS]: address, [ATTR_SERVER_PORT]: port }: Attributes): string {
  if (port === undefined) return String(address);
  const host = String(address).toLowerCase();
  return `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;
}
