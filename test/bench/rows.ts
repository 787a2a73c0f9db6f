/**
 * What can be measured, by the names of `--rows`, in the order of the table.
 */
import type { Plan } from "./plan.ts";
import type { Row } from "./row.ts";
import { cpuPerRequest, type Traffic } from "./rows/cpu.ts";
import { flood } from "./rows/flood.ts";
import { installSize } from "./rows/install.ts";
import { residentMemory } from "./rows/memory.ts";
import { applicationMeters } from "./rows/meters.ts";
import { runtimeMetrics } from "./rows/runtime.ts";
import { scrapes } from "./rows/scrape.ts";
import { startUp } from "./rows/startup.ts";
import { streams } from "./rows/streams.ts";

/** The applications whose requests are measured. */
export const TRAFFIC = {
  http: { title: "node:http", app: "http", pattern: "/users/{id}" },
  express: { title: "Express 5, /users/:id", app: "express", pattern: "/users/{id}" },
  nested: {
    title: "Express 5, below three mounts",
    app: "express",
    pattern: "/orgs/{few}/teams/{few}/projects/{few}/items/{id}",
  },
  fastify: { title: "Fastify 5, /users/:id", app: "fastify", pattern: "/users/{id}" },
  koa: { title: "Koa 3 with @koa/router 15, /users/:id", app: "koa", pattern: "/users/{id}" },
  hono: { title: "Hono 4 on @hono/node-server, /users/:id", app: "hono", pattern: "/users/{id}" },
  nest: { title: "NestJS 12 on Express, /users/:id", app: "nest", pattern: "/users/{id}" },
} as const satisfies Readonly<Record<string, Traffic>>;

export type TrafficName = keyof typeof TRAFFIC;

const cpu = (name: TrafficName) => (plan: Plan) => cpuPerRequest(TRAFFIC[name], plan);

export const ROWS = {
  http: cpu("http"),
  express: cpu("express"),
  nested: cpu("nested"),
  fastify: cpu("fastify"),
  koa: cpu("koa"),
  hono: cpu("hono"),
  nest: cpu("nest"),
  scrape: scrapes,
  startup: startUp,
  meters: applicationMeters,
  memory: residentMemory,
  streams,
  flood,
  runtime: runtimeMetrics,
  install: installSize,
} as const satisfies Readonly<Record<string, (plan: Plan) => Promise<Row[]>>>;

export type RowName = keyof typeof ROWS;
export const ROW_NAMES = Object.keys(ROWS) as readonly RowName[];
