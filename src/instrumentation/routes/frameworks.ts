/**
 * The frameworks that are known. Their order matters to readers only: of two that answer about one request, the first wins.
 */
import { adonisjs } from "./adonisjs.ts";
import { astro } from "./astro.ts";
import { connect } from "./connect.ts";
import { express } from "./express/express.ts";
import { fastify } from "./fastify.ts";
import { feathers } from "./feathers.ts";
import type { Framework } from "./framework.ts";
import { h3 } from "./h3.ts";
import { hapi } from "./hapi.ts";
import { hono } from "./hono.ts";
import { koa } from "./koa.ts";
import { nest } from "./nest.ts";
import { next } from "./next.ts";
import { nitro } from "./nitro.ts";
import { polka } from "./polka.ts";
import { reactRouter } from "./react-router.ts";
import { restify } from "./restify.ts";
import { rpcMetadata } from "./rpc-metadata.ts";
import { sveltekit } from "./sveltekit.ts";
import { tinyhttp } from "./tinyhttp.ts";

export const FRAMEWORKS: readonly Framework[] = [
  adonisjs,
  astro,
  connect,
  express,
  fastify,
  feathers,
  h3,
  hapi,
  hono,
  koa,
  next,
  nest,
  nitro,
  polka,
  reactRouter,
  restify,
  rpcMetadata,
  sveltekit,
  tinyhttp,
];
