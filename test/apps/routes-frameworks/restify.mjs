// Restify, as an ES module: `node restify.mjs`
import framework from "restify";
import { restify } from "./shapes/restify.cjs";

restify(framework);
