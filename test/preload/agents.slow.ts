/**
 * Agents that are preloaded into the same application, in both orders: every request is counted, under its route. None of
 * them has an account or a server to send to, but for an endpoint where nobody listens.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type App, REGISTER, REPOSITORY, startApp } from "../support/app.ts";
import { total } from "../support/exposition.ts";
import { installOnce } from "../support/install-once.ts";

const FOLDER = join(REPOSITORY, "test/apps/agents");
const NOWHERE = "http://127.0.0.1:9";
const ENVIRONMENT = {
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: "false",
  DD_REMOTE_CONFIGURATION_ENABLED: "false",
  DD_TRACE_AGENT_URL: NOWHERE,
  DD_TRACE_STARTUP_LOGS: "false",
  NEW_RELIC_APP_NAME: "agents",
  NEW_RELIC_HOST: "127.0.0.1",
  // it instruments nothing without one
  NEW_RELIC_LICENSE_KEY: "0".repeat(40),
  NEW_RELIC_LOG_ENABLED: "false",
  NEW_RELIC_PORT: "9",
  OTEL_EXPORTER_OTLP_ENDPOINT: NOWHERE,
  OTEL_NODE_RESOURCE_DETECTORS: "none",
  OTEL_SERVICE_NAME: "agents",
};

/** Node loads what is to be required first: so each is loaded as an import, but where it has to be required. */
const AGENTS: readonly (readonly string[])[] = [
  ["--import", "dd-trace/initialize.mjs"],
  ["--import", "dd-trace/register.js", "--import", "dd-trace/init.js"],
  ["--require", "dd-trace/init"],
  ["--import", "@sentry/node/import"],
  ["--require", "newrelic"],
  ["--import", "newrelic/esm-loader.mjs", "--import", "newrelic/index.js"],
  ["--import", "@elastic/opentelemetry-node"],
  ["--import", "@opentelemetry/auto-instrumentations-node/register"],
  ["--require", "@opentelemetry/auto-instrumentations-node/register"],
];

describe("beside an agent,", function besideAgents() {
  this.timeout(120_000);
  let app: App | undefined;

  before(function install() {
    this.timeout(600_000);
    installOnce(FOLDER);
  });
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });

  for (const agent of AGENTS) {
    const ours = agent[0] === "--require" ? ["--require", REGISTER] : ["--import", pathToFileURL(REGISTER).href];
    // Elastic's sets OTEL_METRICS_EXPORTER=otlp for itself, which otel-red obeys if it comes after
    const isObeyed = agent.includes("@elastic/opentelemetry-node");
    for (const [order, flags] of [
      ...(isObeyed ? [] : ([["after it", [...agent, ...ours]]] as const)),
      ["before it", [...ours, ...agent]],
    ] as const)
      for (const name of ["express.cjs", "express.mjs"])
        it(`${agent.join(" ")}: ${name}, otel-red ${order}`, async () => {
          const script = join(REPOSITORY, "test/apps/loading", name);
          app = await startApp({ cwd: FOLDER, flags, args: [script], env: ENVIRONMENT });
          for (const id of [1, 2]) assert.equal(await (await fetch(`${app.url}/users/${id}`)).text(), `user ${id}`);
          const labels = { method: "GET", path: "/users/:id", service: "agents", status_code: "200" };
          await app.scrapeUntil(
            "both are counted",
            ({ samples }) => total(samples, "http_requests_total", labels) === 2,
          );
        });
  }
});
