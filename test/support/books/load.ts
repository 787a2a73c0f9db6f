/**
 * A bounded load, seeded, on an application with the behaviours of test/apps/endings/behaviours.js, and the client's own
 * books of it: how each request must have ended. Nothing is a race: who leaves knows what stage the handler has reached.
 */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Stages } from "./stages.ts";
import { get, post, Wire } from "./wire.ts";

export interface LoadOptions {
  readonly port: number;
  readonly stages: Stages;
  readonly seed: number;
  /** Clients at work at the same time, and what each of them does. */
  readonly clients: number;
  readonly actionsEach: number;
  /** The path label of what no route matches; the argument is the path as sent. */
  readonly unrouted: (path: string) => string;
}

/** How requests have ended, by the client's account. */
export class Books {
  requests = 0;
  excluded = 0;
  /** `<method> <status_code> <path>`. */
  readonly counted: Record<string, number> = {};
  /** `<method> <path>`. */
  readonly aborted: Record<string, number> = {};
  /** By `<method> <status_code> <path>`: the server has taken at least so long for all of them, in seconds. */
  readonly leastSeconds: Record<string, number> = {};

  record(method: string, path: string, status: number, isAborted = false, leastSeconds = 0): void {
    const series = `${method} ${status} ${path}`;
    this.requests++;
    this.counted[series] = (this.counted[series] ?? 0) + 1;
    if (isAborted) this.aborted[`${method} ${path}`] = (this.aborted[`${method} ${path}`] ?? 0) + 1;
    if (leastSeconds > 0) this.leastSeconds[series] = (this.leastSeconds[series] ?? 0) + leastSeconds;
  }
}

/** Answered at once. */
interface Quick {
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly status: number;
}

class Client {
  readonly books: Books;
  readonly options: LoadOptions;
  readonly #random: ReturnType<typeof xoroshiro128plus>;
  readonly #number: number;
  #ids = 0;
  #kept: Wire | undefined;

  constructor(options: LoadOptions, number: number, books: Books) {
    this.options = options;
    this.books = books;
    this.#number = number;
    this.#random = xoroshiro128plus(options.seed * 1000 + number);
  }

  async run(): Promise<void> {
    for (let i = 0; i < this.options.actionsEach; i++) await this.pick(ACTIONS)(this);
    await this.#kept?.leave();
  }

  /** A whole number between the two, both included. */
  draw(from: number, to: number): number {
    return uniformInt(this.#random, from, to);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.draw(0, choices.length - 1)] as T;
  }

  /** Different from all others of this load. */
  id(): number {
    return this.#number * 100_000 + this.#ids++;
  }

  /** A connection: the one that was kept, with its past, or a new one. */
  async connection(): Promise<Wire> {
    const kept = this.draw(1, 4) > 1 ? this.#kept : undefined;
    if (kept !== undefined) this.#kept = undefined;
    return kept ?? Wire.open(this.options.port);
  }

  async keep(wire: Wire): Promise<void> {
    await this.#kept?.leave();
    this.#kept = wire;
  }

  async leave(wire: Wire): Promise<void> {
    await (this.draw(0, 1) === 0 ? wire.leave() : wire.reset());
  }

  quick(): Quick {
    const id = this.id();
    const nowhere = this.pick(["/nowhere", "/wp-login.php", "/admin/config"]);
    const {
      method,
      url = "",
      path = url,
      status,
    } = this.pick([
      { method: "GET", url: `/items/${id}`, path: "/items/:id", status: 200 },
      { method: "HEAD", url: `/items/${id}`, path: "/items/:id", status: 200 },
      { method: "PUT", url: `/items/${id}?q=${id}`, path: "/items/:id", status: 200 },
      { method: "DELETE", url: `/items/${id}`, path: "/items/:id", status: 204 },
      { method: "GET", url: `/unchanged/${id}`, path: "/unchanged/:id", status: 304 },
      { method: "GET", url: "/fails", status: 500 },
      { method: "GET", url: "/busy", status: 503 },
      { method: "GET", url: nowhere, path: this.options.unrouted(nowhere), status: 404 },
    ]);
    return { method, url, path, status };
  }
}

function textOf({ method, url }: Quick): string {
  return get(url, method);
}

async function expectAnswer(wire: Wire, status: number, method = "GET"): Promise<void> {
  const answer = await wire.answer(method);
  if (answer.status !== status) throw new Error(`${status} was to be answered, and it is ${answer.status}`);
}

type Action = (client: Client) => Promise<void>;

const one: Action = async (client) => {
  const quick = client.quick();
  const wire = await client.connection();
  await wire.send(textOf(quick));
  await expectAnswer(wire, quick.status, quick.method);
  client.books.record(quick.method, quick.path, quick.status);
  await client.keep(wire);
};

const pipelined: Action = async (client) => {
  const quicks = Array.from({ length: client.draw(2, 8) }, () => client.quick());
  const wire = await client.connection();
  await wire.send(quicks.map(textOf).join(""));
  for (const { method, path, status } of quicks) {
    await expectAnswer(wire, status, method);
    client.books.record(method, path, status);
  }
  await client.keep(wire);
};

/** The first never answers, and the last is there when the client leaves: so all are. */
const pipelinedAndCut: Action = async (client) => {
  const [first, last] = [client.id(), client.id()];
  const quicks = Array.from({ length: client.draw(0, 5) }, () => client.quick());
  const wire = await client.connection();
  await wire.send(get(`/waits/${first}`) + quicks.map(textOf).join("") + get(`/waits/${last}`));
  await client.options.stages.reached(`waits ${first}`);
  await client.options.stages.reached(`waits ${last}`);
  await client.leave(wire);
  for (const { method, path } of quicks) client.books.record(method, path, 499, true);
  for (let i = 0; i < 2; i++) client.books.record("GET", "/waits/:id", 499, true);
};

const slow: Action = async (client) => {
  const milliseconds = client.draw(12, 30);
  const wire = await client.connection();
  await wire.send(get(`/slow/${milliseconds}`));
  await expectAnswer(wire, 200);
  // a timer may fire a millisecond early by the clock
  client.books.record("GET", "/slow/:id", 200, false, (milliseconds - 1) / 1000);
  await client.keep(wire);
};

const streamed: Action = async (client) => {
  const wire = await client.connection();
  await wire.send(get(`/streams/${client.draw(0, 6)}`));
  await expectAnswer(wire, 200);
  client.books.record("GET", "/streams/:id", 200);
  await client.keep(wire);
};

const uploaded: Action = async (client) => {
  const isAnnounced = client.draw(0, 1) === 1;
  const body = "x".repeat(client.draw(0, 3000));
  const wire = await client.connection();
  await wire.send(post("/orders", body.length, isAnnounced ? "expect: 100-continue\r\n" : ""));
  if (isAnnounced) await wire.receives("HTTP/1.1 100 Continue");
  await wire.send(body);
  await expectAnswer(wire, 201, "POST");
  client.books.record("POST", "/orders", 201);
  await client.keep(wire);
};

const uploadCut: Action = async (client) => {
  const id = client.id();
  const wire = await client.connection();
  await wire.send(post(`/uploads/${id}`, 5000, client.draw(0, 1) === 1 ? "expect: 100-continue\r\n" : ""));
  await client.options.stages.reached(`upload ${id}`);
  await wire.send("x".repeat(client.draw(0, 4999)));
  await client.leave(wire);
  client.books.record("POST", "/uploads/:id", 499, true);
};

const answeredEarly: Action = async (client) => {
  const wire = await client.connection();
  await wire.send(`${post("/too-large", 5000)}${"x".repeat(client.draw(0, 4999))}`);
  await expectAnswer(wire, 413, "POST");
  client.books.record("POST", "/too-large", 413);
  await client.leave(wire);
};

const excluded: Action = async (client) => {
  const wire = await client.connection();
  await wire.send(get("/health"));
  await expectAnswer(wire, 200);
  client.books.excluded++;
  await client.keep(wire);
};

/** Leaves at this stage, of which the id is told by the handler. */
function cutAt(stage: string, route: string, leastSeconds = 0): Action {
  return async (client) => {
    const id = client.id();
    const wire = await client.connection();
    await wire.send(get(route.replace(":id", String(id))));
    await client.options.stages.reached(`${stage} ${id}`);
    await client.leave(wire);
    client.books.record("GET", route, 499, true, leastSeconds);
  };
}

/** Leaves in mid-body, when this much of it has been received. */
function cutAfter(received: string, url: string, status: number): Action {
  return async (client) => {
    const wire = await client.connection();
    await wire.send(get(url));
    await wire.receives(received);
    wire.stopReading();
    await client.leave(wire);
    client.books.record("GET", url, status, true);
  };
}

/** The server hangs up. */
function destroyed(url: string, status: number): Action {
  return async (client) => {
    const wire = await client.connection();
    await wire.send(get(url));
    await wire.closed;
    client.books.record("GET", url, status, true);
  };
}

/** Each as often as it stands here. */
const ACTIONS: readonly Action[] = [
  ...Array<Action>(12).fill(one),
  ...Array<Action>(4).fill(pipelined),
  ...Array<Action>(3).fill(uploaded),
  slow,
  streamed,
  excluded,
  answeredEarly,
  uploadCut,
  pipelinedAndCut,
  cutAt("waits", "/waits/:id"),
  cutAt("head", "/head-in-memory/:id"),
  cutAfter("data: 1", "/events", 200),
  cutAfter("some of it", "/partial", 206),
  cutAfter("some of it", "/partial-failure", 500),
  cutAfter("\r\n\r\n", "/long", 200),
  destroyed("/destroys", 499),
  destroyed("/destroyed-then-ended", 499),
  destroyed("/destroys-in-mid-body", 200),
];

/** Resolves with the books when all clients are done. */
export async function drive(options: LoadOptions): Promise<Books> {
  const books = new Books();
  const clients = Array.from({ length: options.clients }, (_, number) => new Client(options, number + 1, books));
  await Promise.all(clients.map((client) => client.run()));
  return books;
}
