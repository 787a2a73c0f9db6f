import { define } from "../../h3.js";

export default define(() => "answered");
