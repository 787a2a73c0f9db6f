/** YAML as the readers of our files read it. */
import { Document } from "yaml";
import { printable } from "../../config/variable.ts";

/**
 * @param comment lines that go before it, without `#`
 * @param value plain data; members that are undefined are left out
 */
export function yamlFile(comment: string, value: unknown): string {
  // 1.1: Prometheus, Kubernetes and Alertmanager read `yes`, `on` or `1:30` as something else than text if it is not quoted
  const document = new Document(value, { version: "1.1", aliasDuplicateObjects: false });
  document.commentBefore = comment
    .split("\n")
    .map((line) => ` ${printable(line)}`.trimEnd())
    .join("\n");
  // a folded PromQL expression is no longer what was written
  return document.toString({ lineWidth: 0, directives: false });
}
