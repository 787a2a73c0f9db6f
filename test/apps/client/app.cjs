// Takes the functions out of the modules before anything else happens.
const { get, request } = require("node:http");
const { get: tlsGet, request: tlsRequest } = require("node:https");
const { keepBooks } = require("./books.cjs");

keepBooks({ get, request }, { get: tlsGet, request: tlsRequest });
