// h3 1, as an ES module.
import { createServer } from "node:http";
import {
  createApp,
  createError,
  createRouter,
  defineEventHandler,
  setResponseStatus,
  toNodeListener,
  useBase,
} from "h31";
import { h3 } from "./shapes/h3-1.cjs";

h3({
  createServer,
  createApp,
  createError,
  createRouter,
  defineEventHandler,
  setResponseStatus,
  toNodeListener,
  useBase,
});
