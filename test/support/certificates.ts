/** Certificates of an authority of one's own, for localhost, made with openssl. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Paths of PEM files. */
export interface Certificates {
  readonly ca: string;
  readonly server: KeyPair;
  readonly client: KeyPair;
  remove(): void;
}

interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const EXTENSIONS = "subjectAltName=DNS:localhost\n";

/** @throws Error with the command that installs openssl where there is none */
export function makeCertificates(): Certificates {
  if (spawnSync("openssl", ["version"]).error)
    throw new Error(
      "openssl is not installed; install it with: npm run setup, or: apt-get update && apt-get install -y openssl",
    );
  const folder = mkdtempSync(join(tmpdir(), "otel-red-certificates-"));
  const at = (name: string) => join(folder, name);
  const openssl = (...parameters: string[]) => execFileSync("openssl", parameters, { stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...newKey, "-keyout", at("ca.key"), "-out", at("ca.pem"), "-days", "2", "-subj", "/CN=tests");
  writeFileSync(at("extensions"), EXTENSIONS);
  const issue = (name: string): KeyPair => {
    const [key, request, cert] = [at(`${name}.key`), at(`${name}.csr`), at(`${name}.pem`)];
    openssl("req", ...newKey, "-keyout", key, "-out", request, "-subj", `/CN=${name}`);
    openssl(
      "x509",
      "-req",
      "-in",
      request,
      "-CA",
      at("ca.pem"),
      "-CAkey",
      at("ca.key"),
      "-CAcreateserial",
      "-out",
      cert,
      "-days",
      "2",
      "-extfile",
      at("extensions"),
    );
    return { key, cert };
  };
  return {
    ca: at("ca.pem"),
    server: issue("server"),
    client: issue("client"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
