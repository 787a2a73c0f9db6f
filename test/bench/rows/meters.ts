/**
 * What it costs at start that the application's own instruments are given our meter provider: otel-red over the bare
 * application, where the API is not loaded, where it is only loaded, and where it is asked for a counter. The difference between
 * two of these rows is the provider's share.
 */
import { fileURLToPath } from "node:url";
import { difference, related } from "../compare.ts";
import type { Plan } from "../plan.ts";
import { added, measuredCells, type Row, spellMilliseconds } from "../row.ts";
import { interleaved } from "../schedule.ts";
import { untilEnded } from "./startup.ts";

const APPLICATIONS: readonly { readonly title: string; readonly script: string }[] = [
  { title: "that does not load the API, CommonJS", script: "script.cjs" },
  { title: "that does not load the API, ES module", script: "meters/unasked.mjs" },
  { title: "with the API, CommonJS", script: "meters/required.cjs" },
  { title: "with the API, ES module", script: "meters/imported.mjs" },
  { title: "with a counter, CommonJS", script: "meters/required-counter.cjs" },
  { title: "with a counter, ES module", script: "meters/imported-counter.mjs" },
];

export async function applicationMeters(plan: Plan): Promise<Row[]> {
  const compared = plan.compared.filter(({ name }) => name === "again" || name === "light");
  const rows: Row[] = [];
  for (const { title, script } of APPLICATIONS) {
    const path = fileURLToPath(new URL(`../apps/${script}`, import.meta.url));
    const measurements = await interleaved(compared, plan.windows, (variant) => untilEnded(path, variant));
    rows.push({
      title: `Start-up added, a process ${title}`,
      cells: measuredCells(related(measurements, difference), added(spellMilliseconds)),
    });
  }
  return rows;
}
