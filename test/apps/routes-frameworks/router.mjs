// router, as an ES module: `node router.mjs router1`
import current from "router";
import previous from "router1";
import { router } from "./shapes/router.cjs";

router(process.argv[2] === "router1" ? previous : current);
