// `H3=external` leaves h3 out of the bundle: https://nitro.build/config
const external = process.env.H3 === "external" ? ["h3"] : [];

export default {
  compatibilityDate: "2026-01-01",
  serverDir: "./",
  rollupConfig: { external },
  output: { dir: process.env.OUTPUT },
};
