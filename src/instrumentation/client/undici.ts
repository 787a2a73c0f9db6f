/**
 * `fetch` and undici, Node's own and the package: OpenTelemetry's instrumentation, which listens to undici's diagnostics
 * channels. It is not shown the application's requests themselves, but of each what was asked of which host: it would
 * add headers to the request, and take the host from the path where that begins with two slashes.
 */
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";

/** What the channels carry, as far as it is used. */
interface Message {
  readonly request: { readonly origin: string; readonly method: string };
  readonly error?: unknown;
}

interface Subscribing {
  subscribeToChannel(channel: string, onMessage: (message: unknown, channel: string | symbol) => void): void;
}

export class OutgoingUndici extends UndiciInstrumentation {
  /** By the application's request; whoever has it keeps ours alive. */
  readonly #shown = new WeakMap<Message["request"], object>();

  /** Measures nothing before `enable()`. */
  constructor(onFailure: (error: unknown) => void) {
    super({ enabled: false });
    const subscribe = (this as unknown as Subscribing).subscribeToChannel.bind(this);
    const subscribeToChannel: Subscribing["subscribeToChannel"] = (channel, onMessage) =>
      subscribe(channel, (message, name) => {
        try {
          const { request, error } = message as Message;
          // an application may abort for any reason, null as well
          onMessage({ ...(message as Message), request: this.#show(request), error: Object(error) }, name);
        } catch (error) {
          // here it would end the process
          onFailure(error);
        }
      });
    // private there, and the same for good: the version is pinned, and built into our bundle
    Object.assign(this, { subscribeToChannel });
  }

  override enable(): void {
    this.setConfig({ enabled: true });
    super.enable();
  }

  #show(request: Message["request"]): object {
    let shown = this.#shown.get(request);
    if (shown === undefined) {
      const { origin, method } = request;
      shown = { origin, method, path: "/", headers: [] };
      this.#shown.set(request, shown);
    }
    return shown;
  }
}
