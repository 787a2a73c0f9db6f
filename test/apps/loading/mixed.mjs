// An ES module that has its framework by require.
import { createRequire } from "node:module";

const express = createRequire(import.meta.url)("express");
const app = express();
app.get("/users/:id", (request, response) => response.send(`user ${request.params.id}`));
const server = app.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
