/**
 * What otel-config/kubernetes does in a pod, done with the same commands in folders of this machine: the image is built
 * from the packed package, its container copies it to the volume, and a service that knows nothing of it runs with the
 * environment of the Deployment. `/otel-red` and `/opt/otel-red` are moved below a temporary folder; nothing else is changed.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ShopProcess, startShop } from "../apps/demo/shop-process.ts";
import { INSTRUMENTATIONS, REPOSITORY } from "../support/app.ts";
import { parseExposition, series, total } from "../support/exposition.ts";
import { freePort } from "../support/free-port.ts";
import { readConfig, readYaml } from "../support/otel-config/files.ts";
import { until } from "../support/until.ts";

interface Container {
  readonly command?: readonly string[];
  readonly env?: readonly { name: string; value?: string; valueFrom?: { fieldRef: { fieldPath: string } } }[];
  readonly ports?: readonly { name: string; containerPort: number }[];
  readonly volumeMounts: readonly { name: string; mountPath: string }[];
  readonly readinessProbe?: { httpGet: { path: string; port: string } };
}

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly volumes: readonly { name: string; emptyDir: { sizeLimit: string } }[];
        readonly initContainers: readonly [Container];
        readonly containers: readonly [Container];
      };
    };
  };
}

const LABEL_FIELD = /^metadata\.labels\['(.+)'\]$/;

describe("the package in a pod", function () {
  this.timeout(120_000);

  const [deployment] = readYaml("kubernetes/deployment.yaml") as [Deployment, unknown];
  const { metadata, spec } = deployment.spec.template;
  const [initContainer] = spec.initContainers;
  const [container] = spec.containers;
  let folder: string;
  let moved: (text: string) => string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "otel-red-pod-"));
    moved = (text) => text.replaceAll(/(?<![\w/])\/(opt\/)?otel-red\b/g, (path) => join(folder, path));
    for (const path of ["/otel-red", "/opt/otel-red"]) mkdirSync(moved(path), { recursive: true });

    execFileSync("npm", ["pack", "--silent", "--pack-destination", moved("/otel-red")], { cwd: REPOSITORY });
    const [, build = "no RUN in the Dockerfile"] = /^RUN (.+)$/m.exec(readConfig("kubernetes/Dockerfile")) ?? [];
    execFileSync("sh", ["-c", build], {
      cwd: moved("/otel-red"),
      env: { ...process.env, npm_config_prefer_offline: "true" },
      stdio: "pipe",
    });
    const [command = "", ...args] = (initContainer.command ?? []).map(moved);
    execFileSync(command, args, { stdio: "pipe" });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is on one volume, mounted where the preload is looked for, and fits in", () => {
    const [volume] = spec.volumes;
    deepEqual(initContainer.volumeMounts, [{ name: volume?.name, mountPath: "/opt/otel-red" }]);
    deepEqual(
      container.volumeMounts.map(({ name, mountPath }) => ({ name, mountPath })),
      initContainer.volumeMounts,
    );
    const [mebibytes = ""] = execFileSync("du", ["-sm", moved("/opt/otel-red")], { encoding: "utf8" }).split("\t");
    ok(Number(mebibytes) <= Number(volume?.emptyDir.sizeLimit.replace(/Mi$/, "")), `${mebibytes} MiB`);
  });

  for (const instrumentation of INSTRUMENTATIONS) {
    it(`measures a service that knows nothing of it, RED_HTTP_INSTRUMENTATION=${instrumentation}`, async () => {
      const port = await freePort(0);
      const environment = Object.fromEntries(
        (container.env ?? []).map(({ name, value, valueFrom }) => {
          const label = LABEL_FIELD.exec(valueFrom?.fieldRef.fieldPath ?? "")?.[1];
          return [name, moved(value ?? metadata.labels[label ?? ""] ?? `no ${name}`)];
        }),
      );
      equal(environment.OTEL_EXPORTER_PROMETHEUS_HOST, "0.0.0.0");
      let shop: ShopProcess | undefined;
      try {
        shop = await startShop([], {
          PATH: process.env.PATH,
          ...environment,
          PORT: "0",
          OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
          RED_HTTP_INSTRUMENTATION: instrumentation,
        });
        const probe = await fetch(shop.address + container.readinessProbe?.httpGet.path);
        equal(probe.status, 200);
        const response = await fetch(`${shop.address}/products/kettle`);
        equal(response.status, 200);
        const samples = await until("the request is counted", 15_000, async () => {
          const { samples } = parseExposition(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
          return total(samples, "http_requests_total") > 0 ? samples : undefined;
        });
        deepEqual(
          series(samples, "http_requests_total").map(({ labels, value }) => ({ ...labels, value })),
          [{ method: "GET", status_code: "200", path: "/products/:id", service: "shop", value: 1 }],
        );
      } finally {
        await shop?.stop();
      }
    });
  }
});
