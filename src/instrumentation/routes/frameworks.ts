/**
 * The frameworks that are known. Of two that report with the same source about one request, the later in this list counts.
 */
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
import { restify } from "./restify.ts";
import { rpcMetadata } from "./rpc-metadata.ts";

export const FRAMEWORKS: readonly Framework[] = [
  connect,
  express,
  fastify,
  feathers,
  h3,
  hapi,
  hono,
  koa,
  nest,
  next,
  nitro,
  polka,
  restify,
  rpcMetadata,
];
