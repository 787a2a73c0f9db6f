/** One window of load by autocannon, in its own process, with the targets of wrk.lua. Prints the counts as JSON. */
const autocannon = require("autocannon");

const [url, pattern, connections, seconds, slowestAnswerSeconds] = process.argv.slice(2);
const requests = Array.from({ length: 10_000 }, (_, index) => ({
  path: pattern.replaceAll("{id}", `${index + 1}`).replaceAll("{few}", `${(index % 10) + 1}`),
}));

const options = {
  url,
  requests,
  connections: Number(connections),
  duration: Number(seconds),
  timeout: Number(slowestAnswerSeconds),
};

autocannon(options).then((result) => {
  const { errors, timeouts, non2xx } = result;
  // errors include timeouts
  const how = `${errors - timeouts} errors, ${timeouts} timeouts, ${non2xx} by their status`;
  console.log(JSON.stringify({ answered: result["2xx"], failed: non2xx + errors, how }));
});
