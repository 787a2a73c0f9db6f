/**
 * What PM2 hands to a worker of its cluster. Node has started by then, so the worker's environment is that of PM2's daemon: PM2
 * assigns `env` of the ecosystem file to `process.env` only in its own script, which runs after the preload.
 * https://github.com/Unitech/pm2/blob/master/lib/ProcessContainer.js
 */
import type { Environment } from "./variable.ts";

/** As PM2 is going to assign them to `process.env`; undefined where it is not, or has done so. */
export function pm2Settings({ pm2_env: json }: Environment): Environment | undefined {
  if (!json) return undefined;
  try {
    const settings: unknown = JSON.parse(json);
    if (typeof settings !== "object" || settings === null) return undefined;
    return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
  } catch {
    return undefined; // somebody else's variable
  }
}
