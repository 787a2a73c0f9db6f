// Starts otel-red itself, when what it imports by name is there already.
import { get, request } from "node:http";
import https from "node:https";
import { startRed } from "../../../dist/index.mjs";
import books from "./books.cjs";

startRed();
await books.keepBooks({ get, request }, https);
