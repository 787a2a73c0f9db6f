/**
 * The two exposition formats, and which of them a scraper asked for.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 * https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
 */
import type { ContentEncoding } from "./encoding.ts";

export type ExpositionFormat = "text" | "openmetrics";

export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** What of an Accept header is an offer we can serve: its media type, the versions of it that we write. */
const SERVED: readonly {
  readonly type: string;
  readonly versions: readonly (string | undefined)[];
  readonly format: ExpositionFormat;
}[] = [
  { type: "application/openmetrics-text", versions: [undefined, "1.0.0"], format: "openmetrics" },
  { type: "text/plain", versions: [undefined, "0.0.4"], format: "text" },
  { type: "text/*", versions: [undefined], format: "text" },
  { type: "*/*", versions: [undefined], format: "text" },
];

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 to 1. */
  readonly quality: number;
}

/** Members of a list header (`Accept`, `Accept-Encoding`) with their parameters; what cannot be read is left out. */
function parse(header: string): MediaRange[] {
  return header.split(",").flatMap((member) => {
    const [type = "", ...rest] = member.split(";").map((part) => part.trim().toLowerCase());
    const parameters = new Map(
      rest.map((part) => [
        part.slice(0, part.indexOf("=")).trim(),
        part
          .slice(part.indexOf("=") + 1)
          .trim()
          .replace(/^"|"$/g, ""),
      ]),
    );
    const quality = Number(parameters.get("q") ?? 1);
    return type === "" || Number.isNaN(quality) ? [] : [{ type, parameters, quality }];
  });
}

/** The format of the highest quality that we write; text where none is named: every scraper reads that. */
export function negotiateFormat(accept: string | undefined): ExpositionFormat {
  let best: ExpositionFormat = "text";
  let bestQuality = 0;
  for (const { type, parameters, quality } of parse(accept ?? "")) {
    const served = SERVED.find((served) => served.type === type && served.versions.includes(parameters.get("version")));
    if (served === undefined || quality <= bestQuality) continue;
    best = served.format;
    bestQuality = quality;
  }
  return best;
}

/** Compressed where that is accepted, whatever it is preferred to: it is a twentieth to be sent. */
export function negotiateEncoding(acceptEncoding: string | string[] | undefined): ContentEncoding {
  const members = parse(String(acceptEncoding ?? ""));
  const member = members.find(({ type }) => type === "gzip") ?? members.find(({ type }) => type === "*");
  return member !== undefined && member.quality > 0 ? "gzip" : "identity";
}
