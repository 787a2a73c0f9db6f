/**
 * One exposition for all scrapes that ask for it at the same time, made in slices that let the event loop go on.
 */
import type { MetricReader } from "@opentelemetry/sdk-metrics";
import { type ContentEncoding, createEncoder } from "./encoding.ts";
import { exposition } from "./exposition.ts";
import type { ExpositionFormat } from "./format.ts";
import type { OnOtherwise } from "./instrument-families.ts";
import { inSlices, nextTurn } from "./slices.ts";

export class Scrape {
  readonly #reader: Pick<MetricReader, "collect">;
  readonly #nowMs: () => number;
  readonly #onOtherwise: OnOtherwise;
  readonly #underWay = new Map<string, Promise<readonly Buffer[]>>();

  /** @param nowMs milliseconds of a monotonic clock */
  constructor(reader: Pick<MetricReader, "collect">, nowMs: () => number, onOtherwise: OnOtherwise) {
    this.#reader = reader;
    this.#nowMs = nowMs;
    this.#onOtherwise = onOtherwise;
  }

  /**
   * The exposition in UTF-8, encoded. Shared while it is being made, made anew afterwards.
   *
   * @param timeoutMs how long an observable instrument is waited for
   * @throws what collecting throws
   */
  render(format: ExpositionFormat, encoding: ContentEncoding, timeoutMs: number): Promise<readonly Buffer[]> {
    const key = `${format} ${encoding} ${timeoutMs}`;
    let rendering = this.#underWay.get(key);
    if (rendering === undefined) {
      rendering = this.#render(format, encoding, timeoutMs).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, rendering);
    }
    return rendering;
  }

  async #render(
    format: ExpositionFormat,
    encoding: ContentEncoding,
    timeoutMillis: number,
  ): Promise<readonly Buffer[]> {
    const startedAtMs = this.#nowMs();
    const { resourceMetrics, errors } = await this.#reader.collect({ timeoutMillis });
    if (errors.length > 0) throw errors[0];
    const elapsedSeconds = () => (this.#nowMs() - startedAtMs) / 1000;
    // what is collected is of one instant; what is made of it need not keep the application waiting. The first scrape of a
    // process also has to compile all this, and to load zlib
    await nextTurn();
    const encoder = createEncoder(encoding);
    await nextTurn();
    const pages = exposition(resourceMetrics, format, elapsedSeconds, this.#onOtherwise);
    for await (const page of inSlices(pages, this.#nowMs)) await encoder.write(page);
    return encoder.end();
  }
}
