/** Ten minutes of what `processes.test.ts` does in one. */
import { describeChurn } from "../support/processes/churn.ts";

describeChurn(600);
