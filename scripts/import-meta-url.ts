/** What `import.meta.url` becomes in the CommonJS bundles, where esbuild would leave it empty. */
import { pathToFileURL } from "node:url";

export const importMetaUrl = pathToFileURL(__filename).href;
