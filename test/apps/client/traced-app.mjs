import http from "node:http";
import traced from "./traced.cjs";

await traced.callTraced((...args) => http.get(...args));
