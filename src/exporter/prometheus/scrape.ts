/**
 * One exposition for all scrapes that ask for it at the same time, made in slices that let the event loop go on.
 */
import type { MetricReader } from "@opentelemetry/sdk-metrics";
import { exposition } from "./exposition.ts";
import type { ExpositionFormat } from "./format.ts";

/** How long one slice may take, in milliseconds; the next begins after the application has had its turn. */
const SLICE_MS = 2;

export class Scrape {
  readonly #reader: MetricReader;
  readonly #underWay = new Map<ExpositionFormat, Promise<readonly Buffer[]>>();

  constructor(reader: MetricReader) {
    this.#reader = reader;
  }

  /** The exposition in UTF-8. Shared while it is being made, made anew afterwards. @throws what collecting throws */
  render(format: ExpositionFormat): Promise<readonly Buffer[]> {
    let rendering = this.#underWay.get(format);
    if (rendering === undefined) {
      rendering = this.#render(format).finally(() => this.#underWay.delete(format));
      this.#underWay.set(format, rendering);
    }
    return rendering;
  }

  async #render(format: ExpositionFormat): Promise<readonly Buffer[]> {
    const { resourceMetrics, errors } = await this.#reader.collect();
    if (errors.length > 0) throw errors[0];
    const chunks: Buffer[] = [];
    let sliceEnds = performance.now() + SLICE_MS;
    for (const piece of exposition(resourceMetrics, format)) {
      chunks.push(Buffer.from(piece));
      if (performance.now() < sliceEnds) continue;
      await new Promise(setImmediate);
      sliceEnds = performance.now() + SLICE_MS;
    }
    return chunks;
  }
}
