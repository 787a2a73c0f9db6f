/** Other versions of Node.js, had from npm as a user has them: `npx -p node@22 -- node`. */
import { run } from "./run.ts";

const found = new Map<string, Promise<string>>();

/**
 * The path of a Node.js of that version (`22`, `20.19`). The first time on a machine npm downloads it.
 *
 * @throws Error that names the command to try by hand
 */
export function nodeBinary(version: string): Promise<string> {
  if (`${process.versions.node}.`.startsWith(`${version}.`)) return Promise.resolve(process.execPath);
  let path = found.get(version);
  if (path === undefined) {
    path = ask(version);
    found.set(version, path);
  }
  return path;
}

async function ask(version: string): Promise<string> {
  const args = ["-y", "-p", `node@${version}`, "--", "node", "-p", "process.version + ' ' + process.execPath"];
  const { exit, stdout, stderr } = await run({ command: "npx", args, deadlineSeconds: 180 });
  const [, got, path] = /^v(\S+) (.+)$/m.exec(stdout) ?? [];
  if (exit === 0 && path !== undefined && `${got}.`.startsWith(`${version}.`)) return path;
  throw new Error(
    `Node.js ${version} cannot be had. It is asked for by: npx -y -p node@${version} -- node -p process.execPath\n${stdout}${stderr}`,
  );
}
