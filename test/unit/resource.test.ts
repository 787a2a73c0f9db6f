import assert from "node:assert/strict";
import {
  detectResources,
  hostDetector,
  osDetector,
  processDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import { readConfig } from "../../src/config/read-config.ts";
import { ownHostDetector } from "../../src/exporter/resource/host.ts";
import { createResource, settledAttributes } from "../../src/exporter/resource/resource.ts";
import type { Log } from "../../src/log/log.ts";

function collectingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const say = (message: string) => void lines.push(message);
  return { lines, error: say, warn: say, info: say };
}

async function attributesWith(environment: Record<string, string>) {
  const log = collectingLog();
  const resource = createResource(readConfig({ OTEL_SERVICE_NAME: "shop", ...environment }, ""), "instance-1", log);
  await resource.waitForAsyncAttributes?.();
  return { attributes: resource.attributes, lines: log.lines };
}

const ALWAYS = [
  "service.instance.id",
  "service.name",
  "telemetry.sdk.language",
  "telemetry.sdk.name",
  "telemetry.sdk.version",
];

describe("the resource", () => {
  it("names the service as the label does, the instance, the SDK, the process and the machine", async () => {
    const { attributes, lines } = await attributesWith({});
    assert.equal(attributes["service.name"], "shop");
    assert.equal(attributes["service.instance.id"], "instance-1");
    assert.equal(attributes["process.pid"], process.pid);
    assert.equal(attributes["process.runtime.version"], process.versions.node);
    for (const name of [...ALWAYS, "host.name", "host.arch", "os.type"]) assert.ok(attributes[name], name);
    assert.deepEqual(lines, []);
  });

  it("does not tell what is nobody's business: the machine's id, and the owner, paths and arguments of the process", async () => {
    const { attributes } = await attributesWith({});
    assert.deepEqual(Object.keys(attributes).sort(), [
      "host.arch",
      "host.name",
      "os.type",
      "os.version",
      "process.executable.name",
      "process.pid",
      "process.runtime.description",
      "process.runtime.name",
      "process.runtime.version",
      ...ALWAYS,
    ]);
  });

  it("has all that the detectors tell where OTEL_NODE_RESOURCE_DETECTORS names them", async () => {
    const { attributes } = await attributesWith({ OTEL_NODE_RESOURCE_DETECTORS: "host,os,process" });
    const theirs = detectResources({ detectors: [hostDetector, osDetector, processDetector] });
    await theirs.waitForAsyncAttributes?.();
    for (const [name, value] of Object.entries(theirs.attributes)) assert.deepEqual(attributes[name], value, name);
    for (const name of ["process.owner", "process.command", "process.executable.path", "process.command_args"])
      assert.ok(attributes[name], name);
  });

  it("leaves them out where the variable is not accepted", async () => {
    const { attributes } = await attributesWith({ OTEL_NODE_RESOURCE_DETECTORS: "nothing-known" });
    assert.ok(attributes["process.pid"]);
    assert.equal(attributes["process.owner"], undefined);
  });

  it("tells of the host what OpenTelemetry's own detector tells", async () => {
    const [ours, theirs] = [ownHostDetector, hostDetector].map((detector) =>
      detectResources({ detectors: [detector] }),
    );
    await Promise.all([ours?.waitForAsyncAttributes?.(), theirs?.waitForAsyncAttributes?.()]);
    assert.deepEqual(ours?.attributes, theirs?.attributes);
  });

  for (const { detectors, adds } of [
    { detectors: "none", adds: [] },
    { detectors: "serviceinstance", adds: [] },
    { detectors: "env", adds: ["deployment.environment.name"] },
    { detectors: "os", adds: ["os.type", "os.version"] },
  ]) {
    it(`OTEL_NODE_RESOURCE_DETECTORS=${detectors} adds ${adds.join(", ") || "nothing"}`, async () => {
      const { attributes } = await attributesWith({
        OTEL_NODE_RESOURCE_DETECTORS: detectors,
        OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
      });
      assert.deepEqual(Object.keys(attributes).sort(), [...ALWAYS, ...adds].sort());
    });
  }

  it("a detector that is not installed is left out, with the command that installs it", async () => {
    const { attributes, lines } = await attributesWith({ OTEL_NODE_RESOURCE_DETECTORS: "alibaba,os" });
    assert.ok(attributes["os.type"]);
    assert.deepEqual(lines, [
      "OTEL_NODE_RESOURCE_DETECTORS: alibaba is left out: Error: @opentelemetry/resource-detector-alibaba-cloud is not installed; install it with: npm install @opentelemetry/resource-detector-alibaba-cloud",
    ]);
  });
});

describe("what is known of a resource by now", () => {
  it("leaves out what is still being asked for, and has it once it is there", async () => {
    let answer: ((id: string) => void) | undefined;
    const asked = new Promise<string>((resolve) => {
      answer = resolve;
    });
    const resource = resourceFromAttributes({ "host.id": asked, "host.name": "here" });
    assert.deepEqual(settledAttributes(resource), { "host.name": "here" });
    answer?.("4711");
    await resource.waitForAsyncAttributes?.();
    assert.deepEqual(settledAttributes(resource), { "host.id": "4711", "host.name": "here" });
    assert.equal(settledAttributes(resource), settledAttributes(resource), "one object, that labels are kept with");
  });

  it("has the stronger of two values while something else is pending", () => {
    const weaker = resourceFromAttributes({ "service.name": "weaker", pending: new Promise<string>(() => {}) });
    const resource = weaker.merge(resourceFromAttributes({ "service.name": "stronger" }));
    assert.deepEqual(settledAttributes(resource), { "service.name": "stronger" });
  });
});
