/**
 * Astro's Node adapter, alone and as middleware: it builds a server that matches its routes in a bundle, where nobody sees them. So
 * its paths are normalised, and a line says so. https://docs.astro.build/en/guides/integrations-guide/node/
 */
import type { Framework } from "./framework.ts";

export const astro: Framework = {
  bundle: { name: "astro", marks: [/["'`]X-Astro-(?:Error|Path|Reroute)["'`]/], isAlwaysBundled: true },
};
