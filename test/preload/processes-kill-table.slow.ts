/** All rows of the table of `processes-kill-table.test.ts`. */
import { DEATHS, describeDeaths, TIMES, WHO } from "../support/processes/kill-table.ts";

describeDeaths(WHO.flatMap((who) => DEATHS.flatMap(({ how }) => TIMES.map((when) => ({ who, how, when })))));
