/**
 * Shows OpenTelemetry's exporters the variables that we have read: they look into `process.env`, and take no others.
 */

/** Calls `create` with a `process.env` that has these, too. The application does not run meanwhile, so it sees nothing. */
export function withVariables<T>(variables: Readonly<Record<string, string>>, create: () => T): T {
  const environment = process.env;
  process.env = { ...environment, ...variables };
  try {
    return create();
  } finally {
    process.env = environment;
  }
}
