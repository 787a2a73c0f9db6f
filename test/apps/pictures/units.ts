/** Numbers as Grafana shows them, by the unit of the panel. */

type Format = (value: number) => string;

const digits = (value: number) => (value === 0 ? "0" : String(Number(value.toPrecision(3))));

const FORMATS: Readonly<Record<string, Format>> = {
  reqps: (value) => `${digits(value)} req/s`,
  percentunit: (value) => `${digits(100 * value)}%`,
  s: (value) => (value >= 1 ? `${digits(value)} s` : `${digits(1000 * value)} ms`),
  bytes: (value) => `${digits(value / 2 ** 20)} MiB`,
  // of counts, which increase() makes fractions of
  locale: (value) => Math.round(value).toLocaleString("en"),
  short: (value) => (value >= 1000 ? `${digits(value / 1000)} K` : digits(value)),
};

/** @throws Error where the unit has no format yet */
export function formatOf(unit: string | undefined): Format {
  const format = FORMATS[unit ?? ""];
  if (format === undefined) throw new Error(`the unit ${unit} is not in pictures/units.ts`);
  return format;
}
