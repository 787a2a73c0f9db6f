// What late.mjs loads.
import express from "express";

const app = express();
app.get("/users/:id", (request, response) => response.send(`user ${request.params.id}`));
export default app;
