// hapi, as an ES module, with two versions in one process: `node hapi.mjs hapi20`
import Hapi from "@hapi/hapi";
import Hapi20 from "hapi20";
import { hapi } from "./shapes/hapi.cjs";

hapi(process.argv[2] === "hapi20" ? Hapi20 : Hapi);
