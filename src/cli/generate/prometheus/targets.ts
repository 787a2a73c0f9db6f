/**
 * Which service a target belongs to, also where it does not answer: as the target itself was known, else as what ran at the same
 * place. A deployment that never answers has new addresses, and no target of it has ever told its name.
 */
import { LABEL_SERVICE } from "../../../view/red.ts";
import { indented, type Read } from "./promql.ts";
import { INSTANCE, LABEL_WORKLOAD, PLACE, PLACED, REMEMBERED, RUNNING, TARGET, UP } from "./records.ts";

/**
 * Of targets that do not answer, `up` as Prometheus writes it. An exporter may show a gauge `up` of its own: then another series of
 * the same target has a value other than 0, because what it shows ends when it does not answer.
 *
 * @param matchers with braces; default: all targets
 */
export function down(matchers = ""): string {
  return `(up${matchers} == 0 unless on (${TARGET}) up != 0)`;
}

/**
 * The alphabet of Kubernetes' generated names: shop-7d9c5b8f6d-x2x4z, shop-x2x4z, shop-0.
 * https://github.com/kubernetes/apimachinery/blob/master/pkg/util/rand/rand.go
 */
const GENERATED = "[b-df-hj-np-tv-xz24-9]";
const POD = `(.+?)(?:-${GENERATED}{6,10})?-${GENERATED}{5}|(.+)-[0-9]+`;

/** The same series, with the workload of those that have a label `pod`. */
export function withWorkload(series: string): string {
  return `label_replace(\n${indented(series)},\n  "${LABEL_WORKLOAD}", "$1$2", "pod", "${POD}"\n)`;
}

/** All targets of known services: 1 where a process answers, else 0. Reads what it recorded before. */
export function answering(read: Read): string {
  const remembered = (series: string) => `last_over_time(${series}[${REMEMBERED}])`;
  // where two services run at a place, the target may be any of them
  const placed = `(${remembered(read(PLACED))} and on (${PLACE}) count by (${PLACE}) (${remembered(PLACED)}) == 1)`;
  const byPlace = `${withWorkload(down())}\n* on (${PLACE}) group_left (${LABEL_SERVICE})\n${placed}`;
  const known = [
    read(UP), // before older names of the same target
    remembered(read(UP)),
    `group by (${INSTANCE}) (\n${indented(byPlace)}\n)`,
  ].join(`\nor on (${TARGET})\n`);
  const knownAndDown = `(\n${indented(known)}\n)\nand on (${TARGET}) ${down()}`;
  return `${read(RUNNING)}\nor on (${TARGET})\n0 * (\n${indented(knownAndDown)}\n)`;
}
