/**
 * Who dies, how, and when: nothing goes down, nothing is lost but the last moments of a killed process, and there is a page
 * within a second. `processes-kill-table.slow.ts` has all rows.
 */
import { type Death, describeDeaths } from "../support/processes/kill-table.ts";

// biome-ignore format: a table, one row a line
const DEATHS: readonly Death[] = [
  { who: "a member", how: "process.exit()", when: "under load" },
  { who: "a member", how: "SIGKILL", when: "under load" },
  { who: "a member", how: "out of memory", when: "idle" },
  { who: "a member", how: "SIGTERM", when: "during a scrape" },
  { who: "the serving process", how: "process.exit()", when: "under load" },
  { who: "the serving process", how: "an exception", when: "idle" },
  { who: "the serving process", how: "SIGKILL", when: "under load" },
  { who: "the serving process", how: "SIGKILL", when: "during a scrape" },
];

describeDeaths(DEATHS);
