require("./required.cjs");
