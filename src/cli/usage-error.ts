/** What was asked for cannot be given. The message is one line: the option, the value, what is accepted, the remedy. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
