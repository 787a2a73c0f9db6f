/**
 * A meter provider whose implementation is loaded when the application asks for its first meter: most applications never do.
 */
import { createNoopMeter, type MeterProvider } from "@opentelemetry/api";

/**
 * @param load returns the implementation; called for each meter
 * @param onFailure takes an exception out of our own code; the application gets a meter that does nothing
 */
export function lateMeterProvider(load: () => MeterProvider, onFailure: (error: unknown) => void): MeterProvider {
  return {
    getMeter(name, version, options) {
      try {
        return load().getMeter(name, version, options);
      } catch (error) {
        onFailure(error);
        return createNoopMeter();
      }
    },
  };
}
