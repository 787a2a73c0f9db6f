/**
 * What can be measured, by the names of `--rows`, in the order of the table.
 */
import { nextAppFolder, prepareNextApp } from "../support/next-app.ts";
import { NEXT_VERSION } from "./machine.ts";
import type { Plan } from "./plan.ts";
import type { Row } from "./row.ts";
import { severalProcesses } from "./rows/cluster.ts";
import { cpuPerRequest, type Traffic } from "./rows/cpu.ts";
import { flood } from "./rows/flood.ts";
import { installSize } from "./rows/install.ts";
import { residentMemory } from "./rows/memory.ts";
import { applicationMeters } from "./rows/meters.ts";
import { runtimeMetrics } from "./rows/runtime.ts";
import { scrapes } from "./rows/scrape.ts";
import { startUp } from "./rows/startup.ts";
import { streams } from "./rows/streams.ts";
import type { VariantName } from "./variants.ts";

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
  nest: { title: "NestJS 12 on Express, /users/:id", app: "nest", pattern: "/users/{id}" },
  koa: { title: "Koa 3 with @koa/router 15, /users/:id", app: "koa", pattern: "/users/{id}" },
  hono: { title: "Hono 4 on @hono/node-server, /users/:id", app: "hono", pattern: "/users/{id}" },
  next: {
    title: "Next.js 16, route handler /api/orders/[id]",
    app: "next",
    pattern: "/api/orders/{id}",
    async prepare() {
      await prepareNextApp(NEXT_VERSION);
      return { BENCH_NEXT_FOLDER: nextAppFolder(NEXT_VERSION), NEXT_TELEMETRY_DISABLED: "1" };
    },
  },
} as const satisfies Readonly<Record<string, Traffic>>;

export type TrafficName = keyof typeof TRAFFIC;

const cpu = (name: TrafficName) => (plan: Plan) => cpuPerRequest(TRAFFIC[name], plan);

const CPU_ROWS = {
  http: cpu("http"),
  express: cpu("express"),
  nested: cpu("nested"),
  fastify: cpu("fastify"),
  nest: cpu("nest"),
  koa: cpu("koa"),
  hono: cpu("hono"),
  next: cpu("next"),
} as const;

export const ROWS = {
  ...CPU_ROWS,
  scrape: scrapes,
  cluster: severalProcesses,
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

/** Names for several rows at once. */
export const ROW_GROUPS: Readonly<Record<string, readonly RowName[]>> = {
  cpu: Object.keys(CPU_ROWS) as (keyof typeof CPU_ROWS)[],
};

const PER_FRAMEWORK: readonly VariantName[] = ["again", "light", "prom-client", "express-prom-bundle", "otel"];

/**
 * The variants of the rows that do not have all of them unless they are asked for: what the others add beside a framework
 * is in the rows before, and each variant takes its time in each round.
 */
export const FEWER_VARIANTS: Readonly<Partial<Record<RowName, readonly VariantName[]>>> = {
  nested: PER_FRAMEWORK,
  nest: PER_FRAMEWORK,
  koa: PER_FRAMEWORK,
  hono: PER_FRAMEWORK,
  next: PER_FRAMEWORK,
};
