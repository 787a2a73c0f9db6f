/** A service under PM2 6. */
import { describePm2 } from "../support/processes/pm2-steps.ts";

describePm2("pm2-6");
