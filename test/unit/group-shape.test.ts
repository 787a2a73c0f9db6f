/** Who fits into a group, and what is said to those that do not. */
import assert from "node:assert/strict";
import { readConfig } from "../../src/config/read-config.ts";
import { type Hello, PROTOCOL, type Refused, type Shape } from "../../src/group/protocol.ts";
import { fits, shapeOf, whyRefused, whyUnreachable } from "../../src/group/shape.ts";

const SHOP: Shape = { service: "shop", folder: "", pathLabel: "path", durationBuckets: [1, 2] };
const IDENTITY = { id: "a", pid: 1, thread: 0, isPrimary: false };
const hello = (shape: Shape, protocol = PROTOCOL): Hello => ({ type: "hello", protocol, shape, identity: IDENTITY });
const refused = (shape: Shape, protocol = PROTOCOL): Refused => ({ type: "refused", protocol, shape, pid: 4711 });

describe("the shape of a group", () => {
  it("is that of the configuration", () => {
    const config = readConfig({ OTEL_SERVICE_NAME: "shop", RED_DURATION_BUCKETS: "1,2" }, undefined);
    assert.deepEqual(shapeOf(config), SHOP);
  });

  it("has the folder where the service has no name", () => {
    assert.equal(shapeOf(readConfig({}, "")).folder, process.cwd());
  });

  // biome-ignore format: a table, one row a line
  for (const { what, other, protocol = PROTOCOL, says } of [
    { what: "another service", other: { ...SHOP, service: "mail" }, says: "the port is taken by the service mail (process 4711), and this one is shop; set OTEL_EXPORTER_PROMETHEUS_PORT to another port for one of them" },
    { what: "other buckets", other: { ...SHOP, durationBuckets: [1] }, says: "the port is taken by the service shop (process 4711) with another RED_DURATION_BUCKETS than this process of shop; set it alike for all processes of the service" },
    { what: "another label", other: { ...SHOP, pathLabel: "route" }, says: "the port is taken by the service shop (process 4711) with another RED_PATH_LABEL than this process of shop; set it alike for all processes of the service" },
    { what: "another version", other: SHOP, protocol: PROTOCOL + 1, says: `the port is taken by the service shop (process 4711), whose otel-red speaks version ${PROTOCOL + 1} and this one version ${PROTOCOL}; restart the older of both` },
  ])
    it(`refuses ${what}`, () => {
      assert.equal(fits(SHOP, hello(other, protocol)), false);
      assert.equal(whyRefused(SHOP, refused(other, protocol)), says);
    });

  it("takes in the same service", () => {
    assert.equal(fits(SHOP, hello(SHOP)), true);
  });

  it("says in which folder a service without a name runs", () => {
    const ours = { ...SHOP, service: "unknown_service:node", folder: "/srv/a" };
    assert.match(
      whyRefused(ours, refused({ ...ours, folder: "/srv/b" })),
      /and this one is unknown_service:node in \/srv\/a; give both an OTEL_SERVICE_NAME/,
    );
  });

  it("says why others cannot be looked for", () => {
    assert.match(
      whyUnreachable(new Error("/tmp/x is not a folder")),
      /cannot be told: Error: \/tmp\/x is not a folder; /,
    );
  });
});
