/** The manifests of otel-config/kubernetes: what the API of Kubernetes and of the Prometheus operator take, and what finds what. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { readConfig as readRedConfig } from "../../src/config/read-config.ts";
import { parseYaml, readConfig, readYaml } from "../support/otel-config/files.ts";
import { checkManifests, type Manifest } from "../support/schemas/kubernetes.ts";

const FILES = ["deployment", "podmonitor", "prometheusrule", "servicemonitor"].map((name) => `kubernetes/${name}.yaml`);

interface Labelled extends Manifest {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
}

interface Deployment extends Manifest {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: Omit<Labelled, keyof Manifest> & {
      readonly spec: { readonly containers: readonly [{ ports: readonly { name: string; containerPort: number }[] }] };
    };
  };
}

interface Service extends Labelled {
  readonly spec: {
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly { name: string; targetPort: string }[];
  };
}

interface Monitor extends Manifest {
  readonly spec: { readonly selector: { readonly matchLabels: Readonly<Record<string, string>> } };
}

const PATCHES: readonly { name: string; file: string; change: (text: string) => string; refused: RegExp }[] = [
  {
    name: "a field that there is not",
    file: "kubernetes/deployment.yaml",
    change: (text) => text.replace("readOnly: true", "readonly: true"),
    refused: /"readonly"' does not exist/,
  },
  {
    name: "a number where a string is asked for",
    file: "kubernetes/deployment.yaml",
    change: (text) => text.replace('value: "3000"', "value: 3000"),
    refused: /env\/0\/value must be string/,
  },
  {
    name: "a duration that the operator does not take",
    file: "kubernetes/podmonitor.yaml",
    change: (text) => text.replace("interval: 15s", "interval: 15 s"),
    refused: /interval must match pattern/,
  },
  {
    name: "a ServiceMonitor with the endpoints of a PodMonitor",
    file: "kubernetes/servicemonitor.yaml",
    change: (text) => text.replace("endpoints:", "podMetricsEndpoints:"),
    refused: /required property endpoints/,
  },
];

describe("otel-config/kubernetes", function () {
  this.timeout(60_000);

  const selected = (selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>) =>
    deepEqual(Object.fromEntries(Object.keys(selector).map((label) => [label, labels[label]])), selector);

  for (const file of FILES)
    it(`${file} is what the API takes`, async () => checkManifests(readYaml(file) as Manifest[]));

  for (const { name, file, change, refused } of PATCHES)
    it(`${name} would be noticed`, async () => {
      await rejects(checkManifests(parseYaml(change(readConfig(file))) as Manifest[]), refused);
    });

  it("the monitors find the pods and the Service, and the port", () => {
    const [deployment, service] = readYaml("kubernetes/deployment.yaml") as [Deployment, Service];
    const { template, selector } = deployment.spec;
    const [{ ports }] = template.spec.containers;
    selected(selector.matchLabels, template.metadata.labels);
    selected(service.spec.selector, template.metadata.labels);
    const [podMonitor] = readYaml("kubernetes/podmonitor.yaml") as [Monitor];
    selected(podMonitor.spec.selector.matchLabels, template.metadata.labels);
    const [serviceMonitor] = readYaml("kubernetes/servicemonitor.yaml") as [Monitor];
    selected(serviceMonitor.spec.selector.matchLabels, service.metadata.labels);
    deepEqual(service.spec.ports.map(({ targetPort }) => targetPort).sort(), ports.map(({ name }) => name).sort());
    equal(ports.find(({ name }) => name === "metrics")?.containerPort, readRedConfig({}).prometheusPort);
  });
});
