/** A test file that does not load. */
throw new Error("expected by the test");
