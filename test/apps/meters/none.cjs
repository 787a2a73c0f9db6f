require("./measure.cjs").serve({ add() {} });
