/**
 * The preload: `node --require otel-red/register app.js`. The only file with an effect on import.
 */
import { preload } from "./preload.ts";

preload();
