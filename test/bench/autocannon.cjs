/** One window of load by autocannon, in its own process, with the targets of wrk.lua. Prints the counts as JSON. */
const autocannon = require("autocannon");

const [url, pattern, connections, seconds] = process.argv.slice(2);
const requests = Array.from({ length: 10_000 }, (_, index) => ({
  path: pattern.replaceAll("{id}", `${index + 1}`).replaceAll("{few}", `${(index % 10) + 1}`),
}));

autocannon({ url, requests, connections: Number(connections), duration: Number(seconds) }).then((result) => {
  const failed = result.non2xx + result.errors + result.timeouts;
  console.log(JSON.stringify({ answered: result["2xx"], failed }));
});
