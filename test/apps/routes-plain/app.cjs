// CommonJS
const http = require("node:http");
const https = require("node:https");
const { serve } = require("./servers.cjs");

serve(http.createServer, https.createServer).then((said) => console.log(said));
