/**
 * The options of the command line, each as the variables of the environment are: what it accepts, and how its text becomes
 * a value. A blank one means unset, so that `--path-label "$RED_PATH_LABEL"` does what it looks like.
 */
import { DURATION_BUCKETS, PATH_LABEL } from "../config/red-variables.ts";
import { decimal, type Parsed, quoted, readVariable, type Variable } from "../config/variable.ts";
import { nearestEdges, withEdge } from "./generate/buckets.ts";
import { DEFAULT_OPTIONS, type GenerateOptions } from "./generate/options.ts";
import { INSTANCE_LABELS } from "./generate/prometheus/records.ts";
import { DISCOVERIES, type Discovery } from "./generate/prometheus/scrape-config.ts";
import { UsageError } from "./usage-error.ts";

interface Argument<T> extends Variable<T> {
  /** As the help shows it. */
  readonly placeholder: string;
  readonly meaning: string;
}

const { objectives } = DEFAULT_OPTIONS;

/** Below it, a share that was written instead of a percentage (0.999) would pass for an objective. */
const LEAST_PERCENT = 50;

const SERVICE: Argument<string | undefined> = {
  name: "--service",
  placeholder: "<name>",
  meaning: "only this service, as in the label `service` (default: every one)",
  accepted: "any text",
  fallback: DEFAULT_OPTIONS.service,
  parse: (text) => ({ value: text }),
};

const EXCEPT: Argument<readonly string[]> = {
  name: "--except",
  placeholder: "<names>",
  meaning: "every service but these, separated by commas, which have files of their own (default: none)",
  accepted: "names of services, separated by commas",
  fallback: DEFAULT_OPTIONS.except,
  parse: parseNames,
};

const LABEL: Argument<string> = {
  ...PATH_LABEL,
  name: "--path-label",
  placeholder: "<label>",
  meaning: `RED_PATH_LABEL of the services (default: ${DEFAULT_OPTIONS.pathLabel})`,
  parse: parsePathLabel,
};

const BUCKETS: Argument<readonly number[]> = {
  ...DURATION_BUCKETS,
  name: "--buckets",
  placeholder: "<bounds>",
  meaning: `RED_DURATION_BUCKETS of the services, in seconds (default: ${DEFAULT_OPTIONS.durationBuckets.join(",")})`,
};

const LATENCY: Argument<number> = {
  name: "--latency",
  placeholder: "<seconds>",
  meaning: `a successful answer is fast up to this time (default: ${objectives.latencySeconds})`,
  accepted: "a positive number of seconds, such as 0.3",
  fallback: objectives.latencySeconds,
  parse: parseSeconds,
};

const AVAILABILITY = percent(
  "--availability",
  "share of the requests that do not fail by the service's own fault (5xx)",
  objectives.availabilityPercent,
);

const LATENCY_TARGET = percent(
  "--latency-target",
  "share of the successful answers that are fast",
  objectives.latencyPercent,
);

const DISCOVERY: Argument<readonly Discovery[]> = {
  name: "--discovery",
  placeholder: "<how>",
  meaning: `how targets are found, of ${DISCOVERIES.join(", ")} (default: all of them)`,
  accepted: `a comma-separated list of ${DISCOVERIES.join(", ")}`,
  fallback: DISCOVERIES,
  parse: parseDiscoveries,
};

/** By the name that commander gives to what was typed. */
export const ARGUMENTS = {
  service: SERVICE,
  except: EXCEPT,
  pathLabel: LABEL,
  buckets: BUCKETS,
  availability: AVAILABILITY,
  latency: LATENCY,
  latencyTarget: LATENCY_TARGET,
  discovery: DISCOVERY,
};

export type ArgumentName = keyof typeof ARGUMENTS;

/** Text by argument; absent where it was not given. */
export type Given = Readonly<Partial<Record<ArgumentName, string>>>;

/** @throws UsageError where it is not accepted */
function read<T>(argument: Argument<T>, text: string | undefined): T {
  return readVariable(argument, { [argument.name]: text }, (complaint) => {
    throw new UsageError(complaint);
  });
}

/** @throws UsageError for the first argument that is not accepted, or that contradicts another */
export function readOptions(given: Given): GenerateOptions {
  const options = {
    service: read(SERVICE, given.service),
    except: read(EXCEPT, given.except),
    pathLabel: read(LABEL, given.pathLabel),
    durationBuckets: read(BUCKETS, given.buckets),
    objectives: {
      availabilityPercent: read(AVAILABILITY, given.availability),
      latencySeconds: readLatency(given),
      latencyPercent: read(LATENCY_TARGET, given.latencyTarget),
    },
  };
  requireEdge(options, given);
  requireOneChoice(options);
  return options;
}

export function readLatency(given: Given): number {
  return read(LATENCY, given.latency);
}

export function readDiscoveries(given: Given): readonly Discovery[] {
  return read(DISCOVERY, given.discovery);
}

/** A histogram knows how many were faster than an edge, and can only guess at what lies between two. */
function requireEdge({ durationBuckets, objectives: { latencySeconds } }: GenerateOptions, given: Given): void {
  if (durationBuckets.includes(latencySeconds)) return;
  const nearest = nearestEdges(durationBuckets, latencySeconds).join(" and ");
  const buckets = withEdge(durationBuckets, latencySeconds).join(",");
  throw new UsageError(
    `--latency=${latencySeconds}${given.latency ? "" : " (the default)"} is not accepted: expected a bound of the buckets, the nearest: ${nearest}; choose such a one, or set RED_DURATION_BUCKETS=${buckets} where the services run and add --buckets ${buckets}`,
  );
}

function requireOneChoice({ service, except }: GenerateOptions): void {
  if (service === undefined || except.length === 0) return;
  throw new UsageError(
    `--service=${quoted(service)} and --except=${quoted(except.join(","))} contradict each other: expected one of them; with --service there is no other service that could be left out`,
  );
}

function percent(name: string, meaning: string, fallback: number): Argument<number> {
  return {
    name,
    placeholder: "<percent>",
    meaning: `${meaning} (default: ${fallback})`,
    accepted: `a percentage from ${LEAST_PERCENT} to below 100, such as 99.9`,
    fallback,
    parse: (text) => {
      const value = decimal(text.replace(/\s*%$/, ""));
      if (value === 100) return { refused: "100 % leaves no budget for errors: the first would use up all there is" };
      if (value < 1 && value > 0)
        return { refused: `a percentage, not a share: ${Number((value * 100).toPrecision(10))}` };
      return value >= LEAST_PERCENT && value < 100 ? { value } : { refused: "" };
    },
  };
}

function parseSeconds(text: string): Parsed<number> {
  const value = decimal(text);
  return value > 0 && Number.isFinite(value) ? { value } : { refused: "" };
}

function parsePathLabel(text: string): Parsed<string> {
  return INSTANCE_LABELS.includes(text) && "value" in PATH_LABEL.parse(text)
    ? { refused: "it is a label of the scrape that the rules keep services apart by" }
    : PATH_LABEL.parse(text);
}

function parseNames(text: string): Parsed<readonly string[]> {
  const names = text.split(",").map((name) => name.trim());
  return names.includes("") ? { refused: "one of them is empty" } : { value: [...new Set(names)] };
}

function parseDiscoveries(text: string): Parsed<readonly Discovery[]> {
  const words = text.split(",").map((word) => word.trim());
  const known = DISCOVERIES.filter((discovery) => words.includes(discovery));
  return words.every((word) => known.some((discovery) => discovery === word)) ? { value: known } : { refused: "" };
}
