/**
 * What the endpoint collects: the metrics of the group where this process has one, else its own.
 */
import type { Resource } from "@opentelemetry/resources";
import type { CollectionResult, MetricProducer, ScopeMetrics } from "@opentelemetry/sdk-metrics";
import type { PromptProducer } from "../view/producer.ts";

/** How long a scrape waits for observable instruments where it does not say, in milliseconds. */
const DEFAULT_TIMEOUT_MS = 3000;

export class GroupProducer implements MetricProducer {
  readonly #producers: readonly PromptProducer[];
  readonly #resource: Resource;
  readonly #collectGroup: (timeoutMs: number) => Promise<ScopeMetrics[] | undefined>;

  /** @param producers those of this process */
  constructor(
    producers: readonly PromptProducer[],
    resource: Resource,
    collectGroup: (timeoutMs: number) => Promise<ScopeMetrics[] | undefined>,
  ) {
    this.#producers = producers;
    this.#resource = resource;
    this.#collectGroup = collectGroup;
  }

  async collect(options?: { readonly timeoutMillis?: number }): Promise<CollectionResult> {
    const timeoutMs = options?.timeoutMillis ?? DEFAULT_TIMEOUT_MS;
    const scopeMetrics = (await this.#collectGroup(timeoutMs)) ?? (await collectAll(this.#producers, timeoutMs));
    return { resourceMetrics: { resource: this.#resource, scopeMetrics }, errors: [] };
  }
}

/** @throws the first error of the producers */
export async function collectAll(producers: readonly PromptProducer[], timeoutMillis: number): Promise<ScopeMetrics[]> {
  const results = await Promise.all(producers.map((producer) => producer.collect({ timeoutMillis })));
  const error = results.flatMap(({ errors }) => errors)[0];
  if (error !== undefined) throw error;
  return results.flatMap(({ resourceMetrics }) => resourceMetrics.scopeMetrics);
}
