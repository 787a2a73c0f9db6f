import { get, request } from "node:http";
import https from "node:https";
import books from "./books.cjs";

await books.keepBooks({ get, request }, https);
