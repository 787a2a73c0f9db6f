// `H3=external` leaves h3 out of the bundle: https://nitro.build/config
const externals = process.env.H3 === "external" ? { external: ["h3"] } : {};

export default {
  compatibilityDate: "2026-01-01",
  srcDir: ".",
  externals,
  output: { dir: process.env.OUTPUT },
};
