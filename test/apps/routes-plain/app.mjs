// ES modules
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { serve } from "./servers.cjs";

console.log(await serve(createServer, createTlsServer));
