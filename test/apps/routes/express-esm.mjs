/** The table of Express's routes on Express as an ES module. */
import { serve } from "./express-app.ts";

serve(async (module) => (await import(module)).default);
