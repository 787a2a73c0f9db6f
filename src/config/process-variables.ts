/**
 * The variables that configure this process or thread, and what becomes of them later.
 *
 * Own variables come first. What PM2 is about to assign wins over them, as it will in `process.env`. What a thread lacks comes
 * from its parent.
 */
import * as otel from "./otel-variables.ts";
import { handToThreads, parentVariables } from "./parent-variables.ts";
import { PLATFORM_VARIABLES } from "./platform.ts";
import { pm2Settings } from "./pm2.ts";
import * as red from "./red-variables.ts";
import { type Environment, isVariable } from "./variable.ts";

const NAMES: readonly string[] = [
  ...Object.values({ ...otel, ...red }).flatMap((each) => (isVariable(each) ? each.name : [])),
  ...otel.OTLP_EXPORTER_VARIABLES,
];

/** Those of the platform configure nothing: they tell where the process runs. */
const ALL_NAMES: readonly string[] = [...NAMES, ...PLATFORM_VARIABLES];

/** The application's own OpenTelemetry SDK reads these, too. Programs set them for that SDK, in code. */
const SET_FOR_OTHERS: readonly string[] = [otel.SDK_DISABLED, otel.METRICS_EXPORTER, otel.LOG_LEVEL].map(
  ({ name }) => name,
);

/** What the preload has done with these cannot be done later: the application may hold `http.request` already. */
const USED_BY_PRELOAD: readonly string[] = [red.HTTP_INSTRUMENTATION, red.CLIENT_METRICS].map(({ name }) => name);

const NEVER_LATE: ReadonlySet<string> = new Set([...SET_FOR_OTHERS, ...USED_BY_PRELOAD]);

export interface LateVariables {
  /** The variables at the start with those that have come since; undefined where none has. */
  readonly variables: Environment | undefined;
  /** Names of what has come or changed, and is not obeyed. */
  readonly ignored: readonly string[];
}

export class ProcessVariables {
  readonly #fromParent: Environment = ours(parentVariables());
  /** As of now. Names that are not ours are left out. */
  readonly atStart: Environment = this.#read();

  constructor() {
    handToThreads(this.atStart);
  }

  /**
   * What the application has set since the start, by dotenv in its first line. A variable that was unset is taken. A change
   * is not: what it would change may have been used. Nor is a deletion, by which programs hide secrets.
   *
   * @param used names of further variables that cannot be obeyed any more
   */
  late(used: readonly string[]): LateVariables {
    const now = this.#read();
    const came = NAMES.filter((name) => isSet(now[name]) && now[name] !== this.atStart[name]);
    const isTaken = (name: string) => !isSet(this.atStart[name]) && !NEVER_LATE.has(name) && !used.includes(name);
    const taken = came.filter(isTaken);
    const ignored = came.filter((name) => !isTaken(name));
    if (taken.length === 0) return { variables: undefined, ignored };
    const variables = { ...this.atStart, ...Object.fromEntries(taken.map((name) => [name, now[name]])) };
    handToThreads(variables);
    return { variables, ignored };
  }

  #read(): Environment {
    return { ...this.#fromParent, ...ours(process.env), ...ours(pm2Settings(process.env) ?? {}) };
  }
}

/** Looked up by their names, which have no case on Windows. */
function ours(environment: Environment): Environment {
  return Object.fromEntries(
    ALL_NAMES.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== "";
}
