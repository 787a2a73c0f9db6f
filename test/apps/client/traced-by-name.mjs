import { get } from "node:http";
import traced from "./traced.cjs";

await traced.callTraced(get);
