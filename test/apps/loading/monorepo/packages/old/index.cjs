// The part of the application with the old version of Express.
const express = require("express");

const router = express.Router();
router.get("/users/:id", (request, response) => response.send(`user ${request.params.id}`));
module.exports = express().use("/old", router);
