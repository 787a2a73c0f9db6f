/**
 * A cluster of BENCH_WORKERS workers, each of them plain node:http. With a client library, the primary serves the metrics of
 * all workers on BENCH_METRICS_PORT, as the documentation of the library shows it.
 */
const cluster = require("node:cluster");
const { createServer } = require("node:http");
const { answerQuestions, hooks, HOST } = require("./serve.cjs");
const { isServing, stallQuestions } = require("./stalls.cjs");

const { BENCH_CLIENT, BENCH_METRICS_PORT } = process.env;
// in the workers too: it answers the primary there
const registry = BENCH_CLIENT ? clusterRegistry(require(BENCH_CLIENT)) : undefined;

if (cluster.isPrimary) primary();
else worker();

function clusterRegistry({ AggregatorRegistry, ClusterRegistry = AggregatorRegistry }) {
  return new ClusterRegistry();
}

function worker() {
  const answer = (request, response) => {
    hooks.routed?.(request.url);
    response.writeHead(200, { "content-length": 2 }).end("ok");
  };
  const server = createServer(hooks.http ? hooks.http(answer) : answer);
  server.listen(0, HOST, () => answerQuestions(server, { ...stallQuestions, serves: isServing }));
}

function primary() {
  const count = Number(process.env.BENCH_WORKERS);
  const ask = asker();
  const ofAll = (question) => Promise.all(Object.values(cluster.workers).map((each) => ask(each, question)));
  /** Asks one worker that does not serve the metrics. */
  const askMember = async (question) => {
    const serving = await ofAll("serves");
    return ask(Object.values(cluster.workers)[serving.indexOf(0)], question);
  };
  let listening = 0;
  cluster.on("listening", (_, { port }) => {
    if (++listening === count) process.stdout.write(`listening ${port}\n`);
  });
  for (let number = 0; number < count; number++) cluster.fork();
  const ownCpu = () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  };
  let stalls = [];
  const longest = async (serving) => {
    stalls = stalls.length > 0 ? stalls : await stallsOfAll();
    return Math.max(0, ...stalls.filter((each) => each.serving === serving).map(({ ms }) => ms));
  };
  const stallsOfAll = async () => {
    const own = { serving: isServing(), ms: stallQuestions.stopStalls() };
    const [workersStalls, serving] = [await ofAll("stopStalls"), await ofAll("serves")];
    return [own, ...workersStalls.map((ms, index) => ({ ms, serving: serving[index] }))];
  };
  answerQuestions(serveMetrics(), {
    cpu: async () => ownCpu() + (await ofAll("cpu")).reduce((sum, each) => sum + each, 0),
    startStalls: async () => {
      stalls = [];
      stallQuestions.startStalls();
      await ofAll("startStalls");
      return 0;
    },
    servingStall: () => longest(1),
    memberStall: () => longest(0),
    startTimes: () => askMember("startTimes"),
    stopTimes: () => askMember("stopTimes"),
    killWorker: () =>
      new Promise((resolve) => {
        cluster.once("exit", () => resolve(0));
        Object.values(cluster.workers)[0].process.kill("SIGKILL");
      }),
  });
}

function serveMetrics() {
  if (registry === undefined) return createServer();
  return createServer(async (_, response) => {
    try {
      const text = await registry.clusterMetrics();
      response.writeHead(200, { "content-type": registry.contentType }).end(text);
    } catch (error) {
      response.writeHead(500).end(error.message);
    }
  }).listen(Number(BENCH_METRICS_PORT), HOST);
}

/** Asks a worker as the benchmark asks the primary. */
function asker() {
  let last = 0;
  const waiting = new Map();
  cluster.on("message", (_, { id, answer }) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  return (each, question) =>
    new Promise((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      each.send({ id, question });
    });
}
