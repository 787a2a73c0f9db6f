/** OTLP metrics as JSON lines, which the collector's file exporter writes: one line for each export. */

/** A metric as OTLP/JSON has it, as far as the tests look at it. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
interface OtlpMetric {
  readonly name: string;
  readonly unit?: string;
  readonly sum?: OtlpPoints & { readonly isMonotonic?: boolean };
  readonly gauge?: OtlpPoints;
  readonly histogram?: OtlpPoints;
  readonly exponentialHistogram?: OtlpPoints;
}

interface OtlpPoints {
  /** 1: delta, 2: cumulative. */
  readonly aggregationTemporality?: number;
  readonly dataPoints: readonly OtlpPoint[];
}

export interface OtlpPoint {
  readonly attributes?: readonly OtlpAttribute[];
  readonly asInt?: string;
  readonly asDouble?: number;
  readonly count?: string;
  readonly sum?: number;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly number[];
}

export interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string };
}

/** What one export brought. */
export interface OtlpExport {
  readonly resource: Readonly<Record<string, string>>;
  readonly metrics: readonly OtlpMetric[];
}

/** The last line may still be being written. */
export function parseExports(text: string): OtlpExport[] {
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  return lines.filter(Boolean).flatMap((line) => {
    const { resourceMetrics } = JSON.parse(line) as {
      resourceMetrics: { resource: { attributes: OtlpAttribute[] }; scopeMetrics: { metrics: OtlpMetric[] }[] }[];
    };
    return resourceMetrics.map(({ resource, scopeMetrics }) => ({
      resource: attributesOf(resource),
      metrics: scopeMetrics.flatMap(({ metrics }) => metrics),
    }));
  });
}

export function attributesOf({ attributes = [] }: { attributes?: readonly OtlpAttribute[] }): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? ""]));
}
