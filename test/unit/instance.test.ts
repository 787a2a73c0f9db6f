import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { readConfig } from "../../src/config/read-config.ts";
import { containerIdentity, mountedContainer } from "../../src/exporter/resource/container.ts";
import { claimInstance } from "../../src/exporter/resource/instance.ts";
import { namedUuid, randomUuid } from "../../src/node/uuid.ts";

const POD = "3b9e2f6a-51c5-4d0e-8f8e-2a4d1c7b9e10";
const CONTAINER = "4f1c".repeat(16);
const SANDBOX = "5a5a".repeat(16);

/** As the kernel shows them, shortened to what differs. */
const MOUNTS = {
  kubernetes: [
    "1 2 0:1 / / rw,relatime - overlay overlay rw",
    `3 1 8:1 /var/lib/kubelet/pods/${POD}/etc-hosts /etc/hosts rw,relatime - ext4 /dev/sda1 rw`,
    `4 1 8:1 /var/lib/kubelet/pods/${POD}/containers/web/1a2b3c4d /dev/termination-log rw - ext4 /dev/sda1 rw`,
    `5 1 8:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${SANDBOX}/hostname /etc/hostname rw - ext4 /dev/sda1 rw`,
  ].join("\n"),
  docker: `7 1 8:1 /var/lib/docker/containers/${CONTAINER}/hostname /etc/hostname rw,relatime - ext4 /dev/sda1 rw`,
  podman: `7 1 0:2 /containers/overlay-containers/${CONTAINER}/userdata/hosts /etc/hosts rw - tmpfs tmpfs rw`,
  host: `7 1 8:1 / /var/lib/kubelet/pods/${POD}/volumes/empty-dir rw - ext4 /dev/sda1 rw\n8 1 0:3 / /home rw - ext4 /dev/sdb rw`,
};

describe("the container of a process, by its mounts", () => {
  for (const [what, mounts, groups, expected] of [
    ["Kubernetes", MOUNTS.kubernetes, "0::/", { podUid: POD, containerName: "web", containerId: "" }],
    [
      "Kubernetes, version 1 of control groups",
      MOUNTS.kubernetes,
      `11:cpu:/kubepods/burstable/pod${POD}/${CONTAINER}`,
      { podUid: POD, containerName: "web", containerId: CONTAINER },
    ],
    ["Docker", MOUNTS.docker, "0::/", { podUid: "", containerName: "", containerId: CONTAINER }],
    ["Podman", MOUNTS.podman, "0::/", { podUid: "", containerName: "", containerId: CONTAINER }],
    [
      "version 1 of control groups",
      "",
      `12:pids:/docker/${CONTAINER}\n1:name=systemd:/docker/${CONTAINER}`,
      { podUid: "", containerName: "", containerId: CONTAINER },
    ],
    [
      "systemd's control groups",
      "",
      `0::/system.slice/docker-${CONTAINER}.scope`,
      { podUid: "", containerName: "", containerId: CONTAINER },
    ],
    ["a machine that runs pods", MOUNTS.host, "0::/user.slice", { podUid: "", containerName: "", containerId: "" }],
    ["a system without /proc", "", "", { podUid: "", containerName: "", containerId: "" }],
  ] as const) {
    it(what, () => assert.deepEqual(mountedContainer(mounts, groups), expected));
  }

  it("any text is read, and only ids and names are taken from it", () => {
    const lines = fc.array(
      fc.oneof(fc.string(), fc.constantFrom(...Object.values(MOUNTS), ...MOUNTS.kubernetes.split("\n"))),
    );
    fc.assert(
      fc.property(lines, lines, (mounts, groups) => {
        const { podUid, containerName, containerId } = mountedContainer(mounts.join("\n"), groups.join("\n"));
        assert.match(podUid, /^([0-9a-f-]{32,36})?$/);
        assert.match(containerName, /^[^/\s]*$/);
        assert.match(containerId, /^([0-9a-f]{64})?$/);
      }),
    );
  });
});

describe("what tells containers apart", () => {
  const NOTHING = mountedContainer("", "");
  const identity = (environment: Record<string, string>, mounts = NOTHING) =>
    containerIdentity(readConfig(environment, "").platform, mounts);

  for (const [what, environment, mounts, expected] of [
    ["a host", { HOSTNAME: "web-1", NODE_APP_INSTANCE: "0" }, NOTHING, undefined],
    ["a pod, by its mounts", {}, mountedContainer(MOUNTS.kubernetes, ""), ["pod", POD, "web"]],
    ["a pod, by POD_UID", { POD_UID: "uid-7" }, NOTHING, ["pod", "uid-7", ""]],
    [
      "a pod, by the operator's attributes",
      { OTEL_RESOURCE_ATTRIBUTES: "k8s.pod.uid=uid-7,k8s.container.name=web" },
      NOTHING,
      ["pod", "uid-7", "web"],
    ],
    [
      "a pod, by its host name",
      { KUBERNETES_SERVICE_HOST: "10.96.0.1", HOSTNAME: "web-0", POD_NAMESPACE: "shop" },
      NOTHING,
      ["pod", "web-0", "shop", "", ""],
    ],
    ["a container of Docker", {}, mountedContainer(MOUNTS.docker, ""), ["container", CONTAINER]],
    [
      "a container, by the host name that Docker gives",
      { HOSTNAME: "0123456789ab" },
      NOTHING,
      ["container", "0123456789ab"],
    ],
    [
      "a container of Amazon ECS",
      { ECS_CONTAINER_METADATA_URI_V4: "http://169.254.170.2/v4/task-7" },
      NOTHING,
      ["container", "http://169.254.170.2/v4/task-7"],
    ],
  ] as [string, Record<string, string>, typeof NOTHING, string[] | undefined][]) {
    it(what, () => assert.deepEqual(identity(environment, mounts), expected));
  }
});

describe("the instance's id", () => {
  const V5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  const V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  const config = (environment: Record<string, string> = {}) =>
    readConfig({ OTEL_SERVICE_NAME: "shop", ...environment }, "");
  /** Of nobody else on this machine. */
  let container: string[];
  beforeEach(() => {
    container = ["container", randomUUID()];
  });

  /** Released at once. */
  function idOf(environment: Record<string, string>, identity = container): string {
    const { id, release } = claimInstance(config(environment), identity);
    release();
    return id;
  }

  it("is the same again, where there is a container", function () {
    if (process.platform !== "linux") this.skip();
    assert.match(idOf({}), V5);
    assert.equal(idOf({}), idOf({}));
  });

  it("is that of the specification's namespace, and of container, service and process", function () {
    if (process.platform !== "linux") this.skip();
    assert.equal(
      idOf({ OTEL_RESOURCE_ATTRIBUTES: "service.namespace=eu", NODE_APP_INSTANCE: "2" }),
      namedUuid("4d63009a-8d0f-11ee-aad7-4c796ed8e320", JSON.stringify([...container, "eu", "shop", "2", 1])),
    );
  });

  it("is another one for each process at a time, and a number that is free is taken again", function () {
    if (process.platform !== "linux") this.skip();
    const [first, second, third] = [1, 2, 3].map(() => claimInstance(config(), container));
    assert.equal(new Set([first?.id, second?.id, third?.id]).size, 3);
    second?.release();
    const replaced = claimInstance(config(), container);
    assert.equal(replaced.id, second?.id);
    for (const each of [first, third, replaced]) each?.release();
  });

  it("differs by service, namespace, container and PM2's number", () => {
    const ids = [
      idOf({}),
      idOf({ OTEL_SERVICE_NAME: "cart" }),
      idOf({ OTEL_RESOURCE_ATTRIBUTES: "service.namespace=eu" }),
      idOf({ NODE_APP_INSTANCE: "0" }),
      idOf({ NODE_APP_INSTANCE: "1" }),
      idOf({}, ["container", randomUUID()]),
    ];
    assert.equal(new Set(ids).size, ids.length);
  });

  it("is random where there is no container, whatever PM2's number", () => {
    const random = () => claimInstance(config({ NODE_APP_INSTANCE: "0" }), undefined).id;
    // this machine may be a container itself
    if (containerIdentity(config().platform) === undefined) {
      assert.match(random(), V4);
      assert.notEqual(random(), random());
    }
    assert.match(randomUuid(), V4);
    assert.notEqual(randomUuid(), randomUuid());
  });

  it("is what the environment says, and blank says nothing", () => {
    assert.equal(idOf({ OTEL_RESOURCE_ATTRIBUTES: "service.instance.id=pod-7" }), "pod-7");
    assert.equal(idOf({ OTEL_RESOURCE_ATTRIBUTES: "service.instance.id=" }), idOf({}));
  });

  it("a UUID of version 5 is that of RFC 9562", () => {
    assert.equal(
      namedUuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com"),
      "2ed6657d-e927-568b-95e1-2665a8aea6a2",
    );
  });
});
