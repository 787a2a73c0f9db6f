// polka, as CommonJS: `node polka.cjs polka1`
const { polka } = require("./shapes/polka.cjs");

polka(require(process.argv[2]));
