/** The command line: `otel-red generate <what> [options]`. */
import { Command, CommanderError } from "commander";
import { printable, quoted } from "../config/variable.ts";
import { SCOPE } from "../view/scope.ts";
import { ARGUMENTS, type Given } from "./arguments.ts";
import { GENERATORS, type Generator } from "./generators.ts";
import { UsageError } from "./usage-error.ts";

export interface Streams {
  readonly out: (text: string) => void;
  /** Whole lines. */
  readonly error: (text: string) => void;
}

/** As shells have it: what was asked for is wrong, and something else went wrong. */
const USAGE = 2;
const FAILURE = 1;

/**
 * Prints what was asked for, or one line that says why not.
 *
 * @param args without `node` and the script
 * @returns the exit code: 0, 2 where the arguments are wrong, 1 for anything else
 */
export function run(args: readonly string[], streams: Streams): number {
  try {
    program(streams).parse(args, { from: "user" });
    return 0;
  } catch (error) {
    const complaint = complain(error);
    if (complaint.message !== undefined) streams.error(`otel-red: ${printable(complaint.message)}\n`);
    return complaint.exitCode;
  }
}

function complain(error: unknown): { exitCode: number; message?: string } {
  if (error instanceof UsageError) return { exitCode: USAGE, message: error.message };
  if (!(error instanceof CommanderError)) return { exitCode: FAILURE, message: String(error) };
  if (error.exitCode === 0) return { exitCode: 0 }; // --help and --version
  if (error.code === "commander.help") return { exitCode: USAGE }; // no command: the help has been shown instead
  // it begins with "error:", and what may have been meant is on a second line
  const message = error.message.replace(/^error: /, "").replaceAll("\n", " ");
  return { exitCode: USAGE, message: `${message}; --help tells what there is` };
}

/** commander itself would take the last one without a word. @throws UsageError */
function once(name: string, text: string, before: string | undefined): string {
  if (before === undefined || before === text) return text;
  throw new UsageError(
    `${name} is given twice, as ${quoted(before)} and as ${quoted(text)}: expected one of them; leave the other out`,
  );
}

function program({ out, error }: Streams): Command {
  const root = new Command("otel-red")
    .description("RED metrics for Node.js HTTP services: what goes with them")
    .version(SCOPE.version)
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: error, outputError: () => undefined });
  const generate = root
    .command("generate")
    .description("print configuration for Prometheus, Grafana and Kubernetes, for your services and objectives");
  for (const generator of GENERATORS) generate.addCommand(command(generator, out).copyInheritedSettings(generate));
  return root;
}

function command({ name, summary, takes, render }: Generator, out: Streams["out"]): Command {
  const command = new Command(name).description(summary).allowExcessArguments(false);
  for (const argument of takes) {
    const { name, placeholder, meaning } = ARGUMENTS[argument];
    command.option(`${name} ${placeholder}`, meaning, (text: string, before?: string) => once(name, text, before));
  }
  return command.action((given: Given) => out(render(given)));
}
