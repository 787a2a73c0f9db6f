export { default } from "./proxy.js";
