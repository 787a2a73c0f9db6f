/** Where everything of the quick start listens. */
import { freePort } from "../../support/free-port.ts";

export interface Ports {
  readonly metrics: number;
  readonly prometheus: number;
  readonly alertmanager: number;
  /** Of the receiver of the notifications. */
  readonly pager: number;
}

/** As the files of otel-config/ have them. */
export const USUAL_PORTS: Ports = { metrics: 9464, prometheus: 9090, alertmanager: 9093, pager: 5001 };

/** The usual ones, and others for those that are taken. */
export async function freePorts(): Promise<Ports> {
  return {
    metrics: await freePort(USUAL_PORTS.metrics),
    prometheus: await freePort(USUAL_PORTS.prometheus),
    alertmanager: await freePort(USUAL_PORTS.alertmanager),
    pager: await freePort(USUAL_PORTS.pager),
  };
}
