/** otel-config/compose.yaml: what the Compose specification takes, and that what it mounts is there. */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { OTEL_CONFIG, parseYaml, readConfig, readYaml } from "../support/otel-config/files.ts";
import { checkCompose } from "../support/schemas/compose.ts";

const FILE = "compose.yaml";

interface Composition {
  readonly services: Readonly<Record<string, Service>>;
}

interface Service {
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly network_mode?: string;
}

interface Provisioning {
  readonly providers: readonly { readonly options: { readonly path: string } }[];
  readonly datasources: readonly { readonly url: string }[];
}

const PATCHES: readonly { name: string; change: (text: string) => string; refused: RegExp }[] = [
  {
    name: "a key that there is not",
    change: (text) => text.replace("healthcheck:", "healthchecks:"),
    refused: /\/services\/demo .*"additionalProperty":"healthchecks"/,
  },
  {
    name: "a duration without its unit",
    change: (text) => text.replace("interval: 5s", 'interval: "5"'),
    refused: /interval must match format "duration"/,
  },
  {
    name: "a condition that there is not",
    change: (text) => text.replace("service_healthy", "healthy"),
    refused: /condition must be equal to one of the allowed values/,
  },
];

describe("otel-config/compose.yaml", () => {
  const [composition] = readYaml(FILE) as [Composition];

  it("is what the Compose specification takes", () => checkCompose(composition));

  for (const { name, change, refused } of PATCHES)
    it(`${name} would be noticed`, () => {
      const [changed] = parseYaml(change(readConfig(FILE)));
      throws(() => checkCompose(changed), refused);
    });

  it("all that is mounted is in the repository", () => {
    const mounted = Object.values(composition.services).flatMap(({ volumes = [] }) => volumes);
    ok(mounted.length > 0);
    const missing = mounted.filter((volume) => !existsSync(join(OTEL_CONFIG, volume.split(":")[0] ?? "")));
    deepEqual(missing, []);
  });

  it("Grafana finds its dashboards and Prometheus", () => {
    const [{ providers }] = readYaml("grafana/provisioning/dashboards/otel-red.yaml") as [Provisioning];
    const [{ datasources }] = readYaml("grafana/provisioning/datasources/prometheus.yaml") as [Provisioning];
    const mounted = composition.services.grafana?.volumes?.map((volume) => volume.split(":")[1]) ?? [];
    for (const { options } of providers) ok(mounted.includes(options.path), options.path);
    for (const { url } of datasources) {
      const { hostname, port } = new URL(url);
      ok(
        composition.services[hostname]?.ports?.some((published) => published.endsWith(`:${port}`)),
        url,
      );
    }
  });

  it("whose files say localhost are on the network of Prometheus, which publishes their ports", () => {
    for (const service of ["alertmanager", "demo", "pager"])
      equal(composition.services[service]?.network_mode, "service:prometheus");
  });
});
