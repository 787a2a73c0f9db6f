/**
 * The resource: what produces the metrics. `target_info` of /metrics carries it, and so does every OTLP request.
 */
import type { Attributes } from "@opentelemetry/api";
import {
  defaultResource,
  detectResources,
  osDetector,
  processDetector,
  type Resource,
  type ResourceDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from "@opentelemetry/semantic-conventions";
import {
  ATTR_PROCESS_COMMAND,
  ATTR_PROCESS_COMMAND_ARGS,
  ATTR_PROCESS_EXECUTABLE_PATH,
  ATTR_PROCESS_OWNER,
} from "@opentelemetry/semantic-conventions/incubating";
import type { DetectorName } from "../../config/otel-variables.ts";
import type { RedConfig } from "../../config/red-config.ts";
import { type Log, reasonOf } from "../../log/log.ts";
import { loadOptionalPackage } from "../optional-package.ts";
import { hostWithoutId, ownHostDetector } from "./host.ts";

/** Nobody's business, and arguments may hold a password: `node app.js --db-password=…` */
const PRIVATE: readonly string[] = [
  ATTR_PROCESS_COMMAND,
  ATTR_PROCESS_COMMAND_ARGS,
  ATTR_PROCESS_EXECUTABLE_PATH,
  ATTR_PROCESS_OWNER,
];

const publicProcess: ResourceDetector = {
  detect(config) {
    const attributes = Object.entries(processDetector.detect(config).attributes ?? {});
    return { attributes: Object.fromEntries(attributes.filter(([name]) => !PRIVATE.includes(name))) };
  },
};

type BuiltIn = Partial<Record<DetectorName, ResourceDetector>>;

const ALL: BuiltIn = { host: ownHostDetector, os: osDetector, process: processDetector };

/** Where nobody has chosen detectors. */
const PUBLIC: BuiltIn = { host: hostWithoutId, os: osDetector, process: publicProcess };

interface OptionalDetectors {
  readonly package: string;
  readonly detectors: readonly string[];
}

/** The same packages and detectors as in `@opentelemetry/auto-instrumentations-node`. */
const OPTIONAL: Partial<Record<DetectorName, OptionalDetectors>> = {
  container: { package: "@opentelemetry/resource-detector-container", detectors: ["containerDetector"] },
  aws: {
    package: "@opentelemetry/resource-detector-aws",
    detectors: ["awsEc2Detector", "awsEcsDetector", "awsEksDetector", "awsBeanstalkDetector", "awsLambdaDetector"],
  },
  gcp: { package: "@opentelemetry/resource-detector-gcp", detectors: ["gcpDetector"] },
  azure: {
    package: "@opentelemetry/resource-detector-azure",
    detectors: ["azureAppServiceDetector", "azureFunctionsDetector", "azureVmDetector"],
  },
  alibaba: { package: "@opentelemetry/resource-detector-alibaba-cloud", detectors: ["alibabaCloudEcsDetector"] },
};

/**
 * The resource that the configuration asks for, at once: what a detector must ask the network for comes in later (see
 * `settledAttributes`). A detector that is not installed is said in the log, with the remedy, and left out.
 *
 * @param instanceId always there: replicas must not merge behind a collector
 */
export function createResource(config: RedConfig, instanceId: string, log: Log): Resource {
  const builtIn = config.tellsAllOfProcess ? ALL : PUBLIC;
  const detectors = config.resourceDetectors.flatMap((name) => builtIn[name] ?? optionalDetectors(name, log));
  const resource = defaultResource()
    .merge(detectResources({ detectors }))
    .merge(
      resourceFromAttributes({
        ...(config.resourceDetectors.includes("env") ? config.resourceAttributes : {}),
        [ATTR_SERVICE_INSTANCE_ID]: instanceId,
        [ATTR_SERVICE_NAME]: config.serviceName,
      }),
    );
  resource.waitForAsyncAttributes?.().catch((error) => log.warn(`OTEL_NODE_RESOURCE_DETECTORS: ${reasonOf(error)}`));
  return resource;
}

function optionalDetectors(name: DetectorName, log: Log): ResourceDetector[] {
  const optional = OPTIONAL[name];
  if (optional === undefined) return [];
  try {
    const exports = loadOptionalPackage<Record<string, ResourceDetector>>(optional.package);
    return optional.detectors.flatMap((detector) => exports[detector] ?? []);
  } catch (error) {
    log.warn(`OTEL_NODE_RESOURCE_DETECTORS: ${name} is left out: ${reasonOf(error)}`);
    return [];
  }
}

/** What is known of the resource by now: a scrape does not wait for the answer of a metadata service. */
export function settledAttributes(resource: Resource): Attributes {
  if (!resource.asyncAttributesPending) return resource.attributes as Attributes;
  const settled: Attributes = {};
  for (const [name, value] of resource.getRawAttributes()) {
    // the first of a name wins, as in Resource.attributes
    if (!(value instanceof Promise)) settled[name] ??= value as string;
  }
  return settled;
}
