/** A minute of Prometheus over a cluster whose workers die. `processes.slow.ts` takes ten. */
import { describeChurn } from "../support/processes/churn.ts";

describeChurn(60);
