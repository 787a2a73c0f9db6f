/** An ES module that could import OpenTelemetry's API, as a dependency of its dependencies may, and does not. */
process.stdout.write("done\n");
