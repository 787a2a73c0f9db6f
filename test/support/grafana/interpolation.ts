/**
 * What Grafana makes of a query before it sends it to Prometheus: the variables that were chosen, and those of the time.
 * https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/
 */

/** The values of one variable. */
export interface Choice {
  /** What stands for all values, as it is; without it they are all named. */
  readonly allValue?: string | undefined;
  /** Every value that there is. */
  readonly options: readonly string[];
  readonly chosen: "all" | readonly string[];
}

export interface View {
  readonly choices: ReadonlyMap<string, Choice>;
  /** The time shown, in seconds since the epoch. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** Between two points of a curve. */
  readonly stepSeconds: number;
  /** The data source's setting `timeInterval`. */
  readonly scrapeIntervalSeconds: number;
}

/** `$name`, `${name}` and `${name:format}`. */
const VARIABLE = /\$(?:(\w+)|\{(\w+)(?::(\w+))?\})/g;

/** @throws Error where the text names a variable that is not there, or wants it in a way that PromQL could not take */
export function interpolate(text: string, view: View): string {
  const times = timeVariables(view);
  return text.replace(VARIABLE, (written, plain: string | undefined, braced: string | undefined, format?: string) => {
    const name = plain ?? braced ?? "";
    const choice = view.choices.get(name);
    if (choice !== undefined && format !== "regex") throw new Error(`${written} does not say :regex in ${text}`);
    const value = choice === undefined ? times[name] : regex(choice);
    if (value === undefined) throw new Error(`${written} is no variable of the dashboard: ${text}`);
    return value;
  });
}

function timeVariables({ fromSeconds, toSeconds, stepSeconds, scrapeIntervalSeconds }: View): Record<string, string> {
  const rangeSeconds = toSeconds - fromSeconds;
  const rateSeconds = Math.max(stepSeconds + scrapeIntervalSeconds, 4 * scrapeIntervalSeconds);
  const durations = { __range: rangeSeconds, __interval: stepSeconds, __rate_interval: rateSeconds };
  return Object.fromEntries(
    Object.entries(durations).flatMap(([name, seconds]) => [
      [name, `${Math.round(1000 * seconds)}ms`],
      [`${name}_ms`, String(Math.round(1000 * seconds))],
      [`${name}_s`, String(Math.round(seconds))],
    ]),
  );
}

/** https://grafana.com/docs/grafana/latest/dashboards/variables/variable-syntax/#regex */
function regex({ allValue, options, chosen }: Choice): string {
  if (chosen === "all" && allValue !== undefined) return allValue;
  const values = (chosen === "all" ? options : chosen).map((value) => value.replace(/[\\^$*+?.()|[\]{}/]/g, "\\$&"));
  return values.length === 1 ? (values[0] as string) : `(${values.join("|")})`;
}
