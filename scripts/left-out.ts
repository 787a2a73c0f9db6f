/**
 * What the preload's files hold of OpenTelemetry's packages without ever using it. Dynamic imports among it have esbuild
 * wrap the modules around them, so that all of the API would be there, and be run at each start.
 */
import { join, sep } from "node:path";
import type { Plugin } from "esbuild";

const REPLACED: Readonly<Record<string, string>> = {
  // of the host detector, which only src/exporter/resource/other-hosts.ts uses, a file of its own
  "getMachineId.mjs": "export const getMachineId = async () => undefined;",
  // ours is in src/exporter/prometheus/
  "PrometheusSerializer.mjs": "export class PrometheusSerializer {}",
};

export const leftOut: Plugin = {
  name: "left-out",
  setup({ onLoad, onEnd }) {
    const replaced = new Set<string>();
    onLoad({ filter: /@opentelemetry/ }, ({ path }) => {
      const name = Object.keys(REPLACED).find((name) => path.endsWith(join(sep, name)));
      if (name === undefined) return undefined;
      replaced.add(name);
      return { contents: REPLACED[name] as string };
    });
    onEnd(() => ({
      errors: Object.keys(REPLACED)
        .filter((name) => !replaced.has(name))
        .map((name) => ({ text: `${name} was not met: it would be shipped, and loaded at each start` })),
    }));
  },
};
