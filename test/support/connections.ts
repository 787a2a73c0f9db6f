/**
 * Loaded before all tests: each `fetch` of theirs has a connection of its own. A server closes one that has been idle for
 * some seconds, and where it or the test was not given the CPU for so long, the next request on it is answered by a reset.
 */
import { Agent, setGlobalDispatcher } from "undici";

// https://undici.nodejs.org/#/docs/api/Client: no keep-alive
setGlobalDispatcher(new Agent({ pipelining: 0 }));
