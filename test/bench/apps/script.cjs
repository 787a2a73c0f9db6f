/** A process that never listens, as npm, a test runner or a migration is one. */
process.stdout.write("done\n");
