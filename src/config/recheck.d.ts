/** The build of recheck in JavaScript alone, without processes or threads of its own. */
declare module "recheck/lib/browser.js" {
  const recheck: Pick<typeof import("recheck"), "checkSync">;
  export default recheck;
}
