/** The table of Express's routes on Express as a CommonJS module. */
const { serve } = require("./express-app.ts");

serve(require);
