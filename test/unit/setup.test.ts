/** `npm run setup`: what it installs and says on which machine, and that it leaves nothing behind. */
import { deepEqual, equal, match } from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AptMachine, installPrograms } from "../../scripts/setup/apt.ts";
import type { SystemProgram } from "../../scripts/setup/programs.ts";
import { type Machine, setUp } from "../../scripts/setup/set-up.ts";
import { REPOSITORY } from "../support/app.ts";
import { run } from "../support/run.ts";

const program = (name: string, packageVersion?: RegExp): SystemProgram => ({
  name,
  why: `${name} is wanted`,
  probes: [[name]],
  packages: [`${name}-package`],
  elsewhere: `https://example.com/${name}`,
  ...(packageVersion && { packageVersion }),
});

const OLD = program("old", /^2:1\.2[1-9]/);
const PLAIN = program("plain");

describe("npm run setup decides", () => {
  interface Case extends Partial<Pick<Machine, "hasApt" | "isRoot" | "canSudo">> {
    /** What is missing before and after the installation. */
    readonly missing: readonly (readonly SystemProgram[])[];
    readonly code: number;
    readonly installs?: readonly string[];
    readonly says: RegExp;
  }
  const CASES: Readonly<Record<string, Case>> = {
    "nothing is missing": { missing: [[]], code: 0, says: /^setup: all programs that the tests want are installed$/ },
    "as root": {
      missing: [[PLAIN], []],
      isRoot: true,
      code: 0,
      installs: ["plain"],
      says: /all of them are installed now/,
    },
    "as root, and one cannot be installed": {
      missing: [[PLAIN, OLD], [OLD]],
      isRoot: true,
      code: 1,
      installs: ["plain", "old"],
      says: /install these by hand.*\n {2}old: https:\/\/example\.com\/old$/,
    },
    "by sudo": { missing: [[PLAIN]], canSudo: true, code: 42, says: /^$/ },
    "neither root nor sudo": { missing: [[PLAIN]], code: 1, says: /plain is wanted\n.*\n {2}sudo node setup\.ts$/ },
    "no apt-get": {
      missing: [[PLAIN]],
      hasApt: false,
      isRoot: true,
      code: 1,
      says: /no apt-get; .*\n {2}plain: https:\/\/example\.com\/plain$/,
    },
  };
  for (const [title, { missing, code, installs = [], says, ...machine }] of Object.entries(CASES))
    it(title, () => {
      const said: string[] = [];
      const installed: string[] = [];
      let asked = 0;
      const result = setUp({
        hasApt: true,
        isRoot: false,
        canSudo: false,
        command: "node setup.ts",
        ...machine,
        missing: () => missing[asked++] ?? [],
        install: (programs) => installed.push(...programs.map(({ name }) => name)),
        runAsRoot: () => 42,
        say: (line) => said.push(line),
      });
      deepEqual({ result, installed }, { result: code, installed: installs });
      match(said.join("\n"), says);
    });
});

describe("packages are installed", () => {
  let folder: string;
  const calls: string[] = [];
  const file = (name: string) => join(folder, name);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "otel-red-apt-"));
    calls.length = 0;
    writeFileSync(file("os-release"), "ID=debian\nVERSION_CODENAME=bookworm\n");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const machine = (run: AptMachine["run"]): AptMachine => ({
    policyFile: file("policy-rc.d"),
    sourceFile: file("backports.list"),
    releaseFile: file("os-release"),
    run,
  });
  /** apt of a Debian that has only 1.19 of the program. */
  const apt = (...command: string[]) => {
    calls.push(command.join(" ").replace("-qq -o DPkg::Lock::Timeout=300 ", ""));
    if (command[1] === "policy") return "old-package:\n  Candidate: 2:1.19~1\n";
    if (command[1] === "indextargets") return "bookworm http://mirror.example/debian/\n";
    return "";
  };

  it("without a start of their daemons", () => {
    let denies: number | undefined;
    const asking = machine((...command) => {
      if (command.includes("install"))
        denies = readFileSync(file("policy-rc.d"), "utf8").includes("exit 101") ? 101 : 0;
      return apt(...command);
    });
    installPrograms([PLAIN], asking);
    equal(denies, 101);
    deepEqual(calls, ["apt-get update", "apt-get install -y --no-install-recommends plain-package"]);
    equal(existsSync(file("policy-rc.d")), false);
  });

  it("from backports where Debian's own version is too old", () => {
    let source = "";
    const asking = machine((...command) => {
      if (command.includes("--target-release")) source = readFileSync(file("backports.list"), "utf8");
      return apt(...command);
    });
    installPrograms([OLD, PLAIN], asking);
    equal(source, "deb http://mirror.example/debian/ bookworm-backports main\n");
    deepEqual(calls.slice(2), [
      "apt-get install -y --no-install-recommends plain-package",
      "apt-get indextargets --format $(RELEASE) $(REPO_URI) Created-By: Packages",
      "apt-get update",
      "apt-get install -y --no-install-recommends --target-release bookworm-backports old-package",
    ]);
    equal(existsSync(file("backports.list")), false);
  });

  it("not in too old a version where there are no backports", () => {
    writeFileSync(file("os-release"), "ID=ubuntu\nVERSION_CODENAME=jammy\n");
    installPrograms([OLD], machine(apt));
    deepEqual(calls, ["apt-get update", "apt-cache policy old-package"]);
  });

  it("and nothing is left behind by a failure, but a policy that was there stays", () => {
    const failing = () => {
      throw new Error("expected by the test");
    };
    for (const wasThere of [false, true]) {
      if (wasThere) writeFileSync(file("policy-rc.d"), "the administrator's");
      try {
        installPrograms([PLAIN], machine(failing));
      } catch {}
      equal(existsSync(file("policy-rc.d")), wasThere);
    }
    equal(readFileSync(file("policy-rc.d"), "utf8"), "the administrator's");
  });
});

describe("npm run setup looks for the programs", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "otel-red-setup-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const PRINTED: Readonly<Record<string, string>> = {
    go: "go version go1.21.0 linux/amd64",
    ldconfig: "libatomic.so.1",
  };
  const NAMES = ["prometheus", "promtool", "alertmanager", "amtool", "chromium", "openssl", "go", "ps", "ldconfig"];
  const setup = (programs: Readonly<Record<string, string>>) => {
    const path = join(folder, String(Object.entries(programs)));
    mkdirSync(path, { recursive: true });
    for (const name of NAMES) {
      const printed = { ...PRINTED, ...programs }[name] ?? "1.0";
      writeFileSync(join(path, name), `#!/bin/sh\n${printed === "none" ? "exit 1" : `echo "${printed}"`}\n`);
      chmodSync(join(path, name), 0o755);
    }
    return run({ args: [join(REPOSITORY, "scripts/setup.ts")], env: { PATH: path } });
  };

  it("and says so where all are there", async () => {
    const { exit, stdout, stderr } = await setup({});
    deepEqual({ exit, stderr }, { exit: 0, stderr: "" });
    equal(stdout, "setup: all programs that the tests want are installed\n");
  });

  for (const [title, programs, wanted] of [
    ["one that does not run", { prometheus: "none" }, "prometheus"],
    ["a Go that fetches no toolchain", { go: "go version go1.19.8 linux/amd64" }, "go"],
  ] as const)
    it(`and misses ${title}`, async () => {
      const { exit, stdout } = await setup(programs);
      equal(exit, 1);
      const named = [...stdout.matchAll(/^ {2}(\w+): https:/gm)].map(([, name]) => name);
      deepEqual(named, [wanted]);
    });
});
