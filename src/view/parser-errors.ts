/**
 * Requests that Node's parser rejects, before there is a request to count: by the status that Node answers.
 */
import type { Attributes } from "@opentelemetry/api";
import type { IAttributesProcessor } from "@opentelemetry/sdk-metrics";
import { ATTR_HTTP_RESPONSE_STATUS_CODE } from "@opentelemetry/semantic-conventions";
import type { Changes } from "./changes.ts";
import { LABEL_SERVICE, LABEL_STATUS_CODE } from "./red.ts";

export interface ParserErrorCount {
  /** The RED labels that are known of such a request. Always this one object. */
  readonly attributes: Attributes;
  readonly count: number;
}

export class ParserErrorCounts {
  readonly #labels: IAttributesProcessor;
  readonly #changes: Changes;
  readonly #byStatus = new Map<number, { readonly attributes: Attributes; count: number }>();

  /** @param labels maps OpenTelemetry's attributes to the RED labels: the view's attributes processor */
  constructor(labels: IAttributesProcessor, changes: Changes) {
    this.#labels = labels;
    this.#changes = changes;
  }

  add(statusCode: number): void {
    const known = this.#byStatus.get(statusCode);
    if (known !== undefined) known.count++;
    else this.#byStatus.set(statusCode, { attributes: this.attributes(statusCode), count: 1 });
    this.#changes.mark();
  }

  /** As of now, in order of appearance; what comes later is behind. */
  snapshot(): readonly ParserErrorCount[] {
    return Array.from(this.#byStatus.values(), ({ attributes, count }) => ({ attributes, count }));
  }

  /** The labels of a status: a new object each time. */
  attributes(statusCode: number): Attributes {
    const labels = this.#labels.process({ [ATTR_HTTP_RESPONSE_STATUS_CODE]: statusCode });
    return Object.freeze({
      [LABEL_STATUS_CODE]: labels[LABEL_STATUS_CODE],
      [LABEL_SERVICE]: labels[LABEL_SERVICE],
    });
  }
}
