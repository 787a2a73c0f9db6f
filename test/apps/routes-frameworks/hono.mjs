// Hono, as an ES module, with two versions in one process: `node hono.mjs hono3`
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { cors } from "hono/cors";
import { LinearRouter } from "hono/router/linear-router";
import { serve as serve1 } from "hono-node-server1";
import { serveStatic as serveStatic1 } from "hono-node-server1/serve-static";
import { Hono as Hono3 } from "hono3";
import { basicAuth as basicAuth3 } from "hono3/basic-auth";
import { cors as cors3 } from "hono3/cors";
import { LinearRouter as LinearRouter3 } from "hono3/router/linear-router";
import { hono } from "./shapes/hono.cjs";

if (process.argv[2] === "hono3")
  hono({
    Hono: Hono3,
    LinearRouter: LinearRouter3,
    basicAuth: basicAuth3,
    cors: cors3,
    serve: serve1,
    serveStatic: serveStatic1,
  });
else hono({ Hono, LinearRouter, basicAuth, cors, serve, serveStatic });
