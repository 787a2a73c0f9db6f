/**
 * `http.request`, `http.get` and those of https: OpenTelemetry's instrumentation, as far as it finds out what is asked of
 * which host. How it calls Node, and how it sees a request end, is replaced, because by itself
 *
 * - it passes a copy of the arguments on, in which headers given as an array are lost and the credentials of a `URL` are
 *   no longer decoded;
 * - it wraps by shimmer, where the second instrumentation of a function removes the first: ours that of the application,
 *   or the application's ours;
 * - its listener for `response` keeps Node, and a second instrumentation, from reading away a response that nobody
 *   listens for, and then the socket is never free again;
 * - it records an accepted upgrade as a request without a response, a call that Node refuses as a request, and one that
 *   is aborted in the middle of its response not at all.
 */
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders, RequestOptions } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import type { Attributes, HrTime, Span } from "@opentelemetry/api";
import { hrTime, hrTimeDuration, hrTimeToMilliseconds } from "@opentelemetry/core";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import {
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from "@opentelemetry/semantic-conventions";
import { unseenBuiltin } from "../../node/unseen-builtin.ts";
import { createNormalizer } from "../routes/plain/normalizer.ts";
import { harmless } from "./harmless.ts";

/** Takes a request with the attributes of the semantic conventions; without a status where there was no response. */
export type OnEnded = (durationSeconds: number, attributes: Attributes) => void;

type Request = (...args: unknown[]) => ClientRequest;
type Wrapper = (original: Request) => Request;
/** `node:http` and `node:https`, as far as they are patched. */
type HttpModule = Record<"request" | "get", Request>;

/** In the `User-Agent` of OpenTelemetry's own OTLP exporters: exporting what was measured is not to be measured again. */
const OTLP_EXPORTER = "OTel-OTLP-Exporter-JavaScript";

export class OutgoingHttp extends HttpInstrumentation {
  readonly #onEnded: OnEnded;
  readonly #onFailure: (error: unknown) => void;
  /** Puts what is required in place, once what is imported by name has been given away. */
  readonly #settle: (() => void)[] = [];
  /** Puts things back, where nobody has wrapped our functions in the meantime. */
  readonly #unwrap: (() => void)[] = [];
  /** Somebody may have wrapped our functions: they stay, and do nothing. */
  #isOff = true;

  /** Measures nothing before `enable()`. */
  constructor(onEnded: OnEnded, onFailure: (error: unknown) => void) {
    super({
      enabled: false,
      disableIncomingRequestInstrumentation: true,
      ignoreOutgoingRequestHook: (options) => isTunnel(options) || isOtlpExport(options),
    });
    this.#onEnded = onEnded;
    this.#onFailure = onFailure;
    // private there, and the same for good: the version is pinned, and built into our bundle
    Object.assign(this, { _wrap: this.#wrap, _traceClientRequest: this.#measure });
  }

  override enable(): void {
    if (!this.#isOff) return;
    this.#isOff = false;
    // at once, instead of when the module is required: an ES module application never requires it
    for (const { name, patch } of this.init()) patch?.(unseenBuiltin(name as "http" | "https"));
    // import { request } from "node:http"
    syncBuiltinESMExports();
    for (const settle of this.#settle.splice(0)) settle();
  }

  override disable(): void {
    this.#isOff = true;
    for (const unwrap of this.#unwrap.splice(0)) unwrap();
    // the package itself has wrapped nothing: it only learns that it may be asked to again
    for (const { unpatch } of this.init()) unpatch?.(undefined);
  }

  /** In place of shimmer's. Its marks are what a second instrumentation goes by; without them it wraps ours as it is. */
  readonly #wrap = (module: HttpModule, name: keyof HttpModule, wrapper: Wrapper): void => {
    // together with `request`: the package's `get` would pass over the one that is there
    if (name === "get") return;
    for (const each of ["request", "get"] as const) this.#replace(module, each, wrapper);
  };

  /**
   * Where the application's tracing came first, it has wrapped what is required, but not what is imported by name. That
   * is to stay so: what is imported by name is given away first, and what is required is put in its place afterwards.
   */
  #replace(module: HttpModule, name: keyof HttpModule, wrapper: Wrapper): void {
    const original = module[name];
    const measured = this.#measured(original, wrapper);
    module[name] = this.#measured(unwrapped(original), wrapper);
    this.#settle.push(() => {
      module[name] = measured;
    });
    this.#unwrap.push(() => {
      if (module[name] === measured) module[name] = original;
    });
  }

  #measured(original: Request, wrapper: Wrapper): Request {
    const isOff = () => this.#isOff;
    const onFailure = this.#onFailure;
    return function measured(this: unknown, ...args) {
      const asCalled = () => Reflect.apply(original, this, args);
      return isOff() ? asCalled() : harmless(asCalled, (call) => wrapper(call)(...args), onFailure);
    };
  }

  /** `close` is the one event that every request ends with; a listener for it changes nothing for anybody. */
  readonly #measure = (request: ClientRequest, _span: Span, startTime: HrTime, attributes: Attributes) => {
    request.once("close", () => {
      try {
        this.#record(request, startTime, attributes);
      } catch (error) {
        this.#onFailure(error);
      }
    });
    return request;
  };

  #record(request: ClientRequest, startTime: HrTime, attributes: Attributes): void {
    const { res } = request as { res?: IncomingMessage | null };
    // its connection lives on as something else
    if (res?.statusCode === SWITCHING_PROTOCOLS) return;
    const status = res?.statusCode === undefined ? {} : { [ATTR_HTTP_RESPONSE_STATUS_CODE]: res.statusCode };
    const durationSeconds = hrTimeToMilliseconds(hrTimeDuration(startTime, hrTime())) / 1000;
    this.#onEnded(durationSeconds, { ...attributes, ...status, ...socketOf(request) });
  }
}

const SWITCHING_PROTOCOLS = 101;

const normalize = createNormalizer();

/**
 * Over a Unix socket the options' host and port are only defaults. The address is then the socket's path, with `:id` for what
 * differs from one process to the next. https://opentelemetry.io/docs/specs/semconv/registry/attributes/server/
 */
function socketOf({ socketPath }: ClientRequest & { readonly socketPath?: unknown }): Attributes {
  if (typeof socketPath !== "string" || socketPath === "") return {};
  return { [ATTR_SERVER_ADDRESS]: normalize(socketPath), [ATTR_SERVER_PORT]: undefined };
}

/** What is below the wrappers that shimmer has marked. */
function unwrapped(request: Request & { __original?: Request }): Request {
  return request.__original === undefined ? request : unwrapped(request.__original);
}

/** What goes through a tunnel is a request of its own. */
function isTunnel({ method }: RequestOptions): boolean {
  return method?.toUpperCase() === "CONNECT";
}

function isOtlpExport({ headers }: RequestOptions): boolean {
  const userAgent = (headers as OutgoingHttpHeaders | undefined)?.["User-Agent"];
  return typeof userAgent === "string" && userAgent.includes(OTLP_EXPORTER);
}
