// Koa with @koa/router, as an ES module, with two versions of both in one process: `node koa.mjs koa2`
import Router from "@koa/router";
import Koa from "koa";
import Router14 from "koa-router14";
import Koa2 from "koa2";
import { koa } from "./shapes/koa.cjs";

if (process.argv[2] === "koa2") koa(Koa2, Router14);
else koa(Koa, Router);
