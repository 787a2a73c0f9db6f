// polka, as an ES module, with two versions in one process: `node polka.mjs polka1`
import polka0 from "polka";
import polka1 from "polka1";
import { polka } from "./shapes/polka.cjs";

polka(process.argv[2] === "polka1" ? polka1 : polka0);
