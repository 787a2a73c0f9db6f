// One server in one process, for PM2, `fork()` and several generations. Prints its port, or with TELLS_PARENT sends it.
const { createServer } = require("node:http");
const answer = require("./routes.cjs");
const deaths = require("./deaths.cjs");

const server = createServer(answer);
deaths.onSignals(() => server.close(() => process.exit(0)));
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
  const { port } = server.address();
  if (process.env.TELLS_PARENT) process.send({ port });
  else console.log(`listening ${port}`);
});
