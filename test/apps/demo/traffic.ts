/**
 * The shop's visitors: seeded, so that every run sends the same requests, and bounded in number and time.
 */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { Books } from "./books.ts";
import { Client } from "./client.ts";

/** A whole number between the two, both included. */
type Draw = (from: number, to: number) => number;

const PRODUCTS = ["kettle", "teapot", "cup", "saucer", "spoon"];
const SCANNED = [
  "/wp-login.php",
  "/.env",
  "/.git/config",
  "/admin",
  "/api/v1/users",
  "/phpmyadmin/index.php",
  "/cgi-bin/luci",
];
const MOST_PAYMENT_ATTEMPTS = 3;

/** What visitors do. Each draws from a generator of its own, so that it does the same whoever else is about. */
const VISITORS = {
  async browser(client: Client, draw: Draw): Promise<void> {
    await client.send({ method: "GET", url: "/products", path: "/products" });
    for (let pages = draw(1, 3); pages > 0; pages--) {
      const product = draw(1, 8) === 1 ? "samovar" : PRODUCTS[draw(0, PRODUCTS.length - 1)];
      await client.send({ method: "GET", url: `/products/${product}`, path: "/products/:id" });
    }
  },
  async buyer(client: Client, draw: Draw): Promise<void> {
    const product = draw(1, 10) === 1 ? "samovar" : PRODUCTS[draw(0, PRODUCTS.length - 1)];
    const ordered = await client.send({ method: "POST", url: "/api/orders", path: "/api/orders", body: { product } });
    if (ordered.status !== 201) return;
    const { id } = JSON.parse(ordered.body) as { id: string };
    await client.send({ method: "GET", url: `/api/orders/${id}`, path: "/api/orders/:id" });
    for (let attempt = 1; attempt <= MOST_PAYMENT_ATTEMPTS; attempt++) {
      const paid = await client.send({
        method: "POST",
        url: `/api/orders/${id}/payment`,
        path: "/api/orders/:id/payment",
        body: {},
      });
      if (paid.status === 200) break;
    }
  },
  async stranger(client: Client): Promise<void> {
    await client.send({ method: "GET", url: "/api/orders/1", path: "/api/orders/:id" });
  },
  async accountant(client: Client, draw: Draw): Promise<void> {
    await client.send({ method: "GET", url: `/reports/sales?days=${draw(10, 35)}`, path: "/reports/sales" });
    await client.send({ method: "GET", url: `/reports/sales.csv?days=${draw(1, 7)}`, path: "/reports/sales.csv" });
  },
  async impatient(client: Client): Promise<void> {
    await client.send({
      method: "GET",
      url: "/reports/sales?days=365",
      path: "/reports/sales",
      leaves: "before the answer",
    });
  },
  async leaver(client: Client): Promise<void> {
    await client.send({
      method: "GET",
      url: "/reports/sales.csv?days=365",
      path: "/reports/sales.csv",
      leaves: "in the middle of it",
    });
  },
  async scanner(client: Client, draw: Draw): Promise<void> {
    for (let probes = draw(2, 5); probes > 0; probes--) {
      await client.send({ method: "GET", url: SCANNED[draw(0, SCANNED.length - 1)] as string, path: "unmatched" });
    }
  },
  async loadBalancer(client: Client): Promise<void> {
    await client.send({ method: "GET", url: "/health", path: undefined });
  },
} as const;

export type Visitor = keyof typeof VISITORS;

/** How many of each come in the course of the demo: some 800 requests in 6 to 7 seconds. */
export const A_DAY_IN_THE_SHOP: Readonly<Record<Visitor, number>> = {
  browser: 120,
  buyer: 90,
  stranger: 5,
  accountant: 32,
  impatient: 8,
  leaver: 6,
  scanner: 15,
  loadBalancer: 20,
};

export interface TrafficOptions {
  readonly address: string;
  readonly visitors: Readonly<Partial<Record<Visitor, number>>>;
  /** The same seed sends the same requests. Default: 1789. */
  readonly seed?: number;
  /** Visitors at a time. Default: 6. */
  readonly clients?: number;
  /** Nobody new comes in after this time. Default: 12 seconds. */
  readonly closesAfterMs?: number;
  /** Cuts all connections and ends the traffic with an error. */
  readonly signal?: AbortSignal;
}

export interface Traffic {
  readonly books: Books;
  readonly durationSeconds: number;
  /** Visitors for whom there was no time. */
  readonly turnedAway: number;
}

/**
 * Sends all visitors through the shop and comes back when the last has left.
 *
 * @throws Error where a request fails for another reason than the client's leaving.
 */
export async function runTraffic(options: TrafficOptions): Promise<Traffic> {
  const { address, visitors, seed = 1789, clients = 6, closesAfterMs = 12_000, signal } = options;
  const books = new Books();
  const client = new Client(address, books);
  const queue = shuffledVisits(visitors, seed);
  const startedAtMs = performance.now();
  const close = () => client.close();
  signal?.addEventListener("abort", close);

  async function doorkeeper(): Promise<void> {
    while (performance.now() - startedAtMs < closesAfterMs) {
      signal?.throwIfAborted();
      const visit = queue.pop();
      if (visit === undefined) return;
      await VISITORS[visit.visitor](client, visit.draw);
    }
  }

  try {
    await Promise.all(Array.from({ length: clients }, doorkeeper));
  } catch (error) {
    queue.length = 0; // the other doorkeepers let nobody in any more
    throw error;
  } finally {
    signal?.removeEventListener("abort", close);
    close();
  }
  return { books, durationSeconds: (performance.now() - startedAtMs) / 1000, turnedAway: queue.length };
}

interface Visit {
  readonly visitor: Visitor;
  readonly draw: Draw;
}

function shuffledVisits(visitors: Readonly<Partial<Record<Visitor, number>>>, seed: number): Visit[] {
  const visits = Object.entries(visitors).flatMap(([visitor, count]) =>
    Array.from({ length: count }, () => visitor as Visitor),
  );
  const draw = drawFrom(seed);
  for (let last = visits.length - 1; last > 0; last--) {
    const other = draw(0, last);
    [visits[last], visits[other]] = [visits[other] as Visitor, visits[last] as Visitor];
  }
  return visits.map((visitor, index) => ({ visitor, draw: drawFrom(seed + 1 + index) }));
}

function drawFrom(seed: number): Draw {
  const generator = xoroshiro128plus(seed);
  return (from, to) => uniformInt(generator, from, to);
}
