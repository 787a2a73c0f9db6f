// A gateway with two mounts that pass requests on to an upstream, files, and a page for everything else: `node gateway.cjs express4`
const { createServer, request } = require("node:http");

const express = require(process.argv[2]);

/** Answers with the status in the path. Nothing where it is `/hang`. */
const upstream = createServer((req, res) => {
  if (req.url !== "/hang") res.writeHead(Number(req.url.slice(1))).end();
});

const proxy = (req, res) => {
  const { port } = upstream.address();
  const passedOn = request({ port, path: req.url, method: req.method, agent: false }, (answer) => {
    res.writeHead(answer.statusCode, answer.headers);
    answer.pipe(res);
  });
  passedOn.on("error", () => res.destroy());
  res.on("close", () => passedOn.destroy());
  req.pipe(passedOn);
};

const app = express();
app.use("/orders", proxy);
app.use("/billing/:tenant", proxy);
app.use("/hanging", () => {});
app.use(express.static(__dirname));
app.use((req, res, next) => (req.url.startsWith("/missing") ? next() : res.send("the page")));

upstream.listen(0, "127.0.0.1", () => {
  const server = createServer(app).listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
});
