/** A call of the application with code of others around it, which may fail without the application being told. */

/**
 * The outcome of the call, whatever goes wrong in what is around it.
 *
 * @param around is given the call to make
 * @throws what the call throws
 */
export function harmless<T>(call: () => T, around: (call: () => T) => T, onFailure: (error: unknown) => void): T {
  let outcome: { readonly value: T } | { readonly thrown: unknown } | undefined;
  try {
    return around(() => {
      try {
        const value = call();
        outcome = { value };
        return value;
      } catch (thrown) {
        outcome = { thrown };
        throw thrown;
      }
    });
  } catch (error) {
    if (outcome !== undefined && "thrown" in outcome) throw error;
    // what cannot be read by us is perhaps refused by Node, which then says why
    const value = outcome === undefined ? call() : outcome.value;
    onFailure(error);
    return value;
  }
}
