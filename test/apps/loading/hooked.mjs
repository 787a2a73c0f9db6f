// A tracing preload, as far as module loading goes: dd-trace 6.21 hooks ES modules by this version of this package.
import { Hook } from "iitm351";
import { register } from "iitm351/register-hooks.mjs";

register();
new Hook(["node:http", "node:https", "express"], () => {});
