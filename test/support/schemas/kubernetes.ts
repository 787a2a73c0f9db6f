/**
 * Kubernetes manifests held against the API of Kubernetes and of the Prometheus operator, without a cluster.
 *
 * The JSON schemas of `kubernetes-models` know types, required fields and patterns, but let unknown fields pass, as the
 * API server's own do; the TypeScript types that are generated beside them do not. Both are asked.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { REPOSITORY } from "../app.ts";

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
}

/** `import()` of it gives the class, which is named after the kind. */
function modelOf({ apiVersion, kind }: Manifest): string {
  const library = apiVersion.startsWith("monitoring.coreos.com/")
    ? "@kubernetes-models/prometheus-operator"
    : "kubernetes-models";
  return `${library}/${apiVersion}/${kind}`;
}

/** @throws Error that names the field, where a manifest is not what its kind asks for, or has fields that the kind does not know */
export async function checkManifests(manifests: readonly Manifest[]): Promise<void> {
  for (const manifest of manifests) {
    const model = (await import(modelOf(manifest))) as Record<string, new (data: Manifest) => { validate(): void }>;
    const Kind = model[manifest.kind];
    if (Kind === undefined) throw new Error(`${modelOf(manifest)} has no ${manifest.kind}`);
    new Kind(manifest).validate();
  }
  checkTypes(manifests);
}

function checkTypes(manifests: readonly Manifest[]): void {
  const folder = mkdtempSync(join(tmpdir(), "otel-red-manifests-"));
  try {
    const file = join(folder, "manifests.ts");
    const typed = manifests.map((manifest, index) => {
      const types = fileURLToPath(import.meta.resolve(modelOf(manifest)));
      return [
        `import type { I${manifest.kind} as Kind${index} } from ${JSON.stringify(types)};`,
        `export const manifest${index}: Kind${index} = ${JSON.stringify(manifest, null, 2)};`,
      ].join("\n");
    });
    writeFileSync(file, typed.join("\n"));
    const flags = "--ignoreConfig --noEmit --strict --module nodenext --skipLibCheck".split(" ");
    execFileSync(join(REPOSITORY, "node_modules/.bin/tsc"), [...flags, file], { encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    throw new Error((error as { stdout?: string }).stdout ?? String(error), { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
