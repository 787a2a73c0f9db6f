/**
 * The counters of the requests on a page of metrics, as series and values: to see whether a later page has less.
 */

/** Series of counters and of histograms; what is told apart by worker has other names. */
const SERIES = /^(http_\w+(?:_total|_bucket|_count|_sum)(?:\{.*\})?) (\S+)$/gm;
const REQUESTS = "http_requests_total";

export class CounterPage {
  readonly #series: ReadonlyMap<string, number>;

  /** @param text in Prometheus's text format */
  constructor(text: string) {
    this.#series = new Map([...text.matchAll(SERIES)].map(([, series = "", value]) => [series, Number(value)]));
  }

  /** The sum of all requests. */
  get requests(): number {
    let sum = 0;
    for (const [series, value] of this.#series) if (series.startsWith(REQUESTS)) sum += value;
    return sum;
  }

  /** @returns how many series are lower on a later page, or are not there any more */
  lowerIn(later: CounterPage): number {
    let count = 0;
    for (const [series, value] of this.#series) {
      const now = later.#series.get(series);
      if (now === undefined || now < value) count++;
    }
    return count;
  }
}
