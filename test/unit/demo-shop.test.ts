/** The demo's shop by itself, without a preload: what its routes answer, and how it stops. */
import assert from "node:assert/strict";
import { type ShopProcess, startShop } from "../apps/demo/shop-process.ts";

describe("the demo's shop", function () {
  this.timeout(15_000);
  let shop: ShopProcess;
  before(async () => {
    shop = await startShop([], { ...process.env, PORT: "0" });
  });
  after(() => shop.stop());

  for (const [method, url, status, body] of [
    ["GET", "/health", 200],
    ["GET", "/products", 200],
    ["GET", "/products/teapot", 200],
    ["GET", "/products/samovar", 404],
    ["POST", "/api/orders", 400, { product: "samovar" }],
    ["POST", "/api/orders", 400],
    ["GET", "/api/orders/1", 404],
    ["POST", "/api/orders/1/payment", 404],
    ["GET", "/reports/sales?days=1", 200],
    ["GET", "/wp-login.php", 404],
    ["GET", "/api/v1/users", 404],
    ["DELETE", "/products", 404],
  ] satisfies [string, string, number, unknown?][]) {
    it(`${method} ${url}${body ? ` ${JSON.stringify(body)}` : ""}: ${status}`, async () => {
      assert.equal((await send(shop, method, url, body)).status, status);
    });
  }

  it("sells: an order can be seen, is paid sooner or later, and only once", async () => {
    const { id } = (await (await send(shop, "POST", "/api/orders", { product: "cup" })).json()) as { id: string };
    const seen = (await (await send(shop, "GET", `/api/orders/${id}`)).json()) as { status: string };
    assert.equal(seen.status, "open");
    const attempts: number[] = [];
    while (attempts.at(-1) !== 200 && attempts.length < 10)
      attempts.push((await send(shop, "POST", `/api/orders/${id}/payment`)).status);
    assert.equal(attempts.at(-1), 200, attempts.join());
    assert.equal((await send(shop, "POST", `/api/orders/${id}/payment`)).status, 409);
  });

  it("answers to the end what it has begun when it is told to stop", async () => {
    const stopping = await startShop([], { ...process.env, PORT: "0" });
    const download = await fetch(`${stopping.address}/reports/sales.csv?days=20`, { headers: { connection: "close" } });
    const stopped = stopping.stop();
    assert.equal((await download.text()).trim().split("\n").length, 1 + 20);
    await stopped;
  });
});

function send(shop: ShopProcess, method: string, url: string, body?: unknown): Promise<Response> {
  const json = { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return fetch(new URL(url, shop.address), { method, ...(body !== undefined && json) });
}
