import assert from "node:assert/strict";
import { before, after, test } from "node:test";
import { AppError } from "#core/errors.ts";
import type { ImageRecord } from "#core/engine/image.ts";
import type { NetworkRecord } from "#core/engine/network.ts";
import type { VolumeRecord } from "#core/engine/volume.ts";
import type { EngineInfo } from "#http/docker/needs.ts";
import { needs } from "../clients/needs.ts";
import { serveDoor } from "./harness/door.ts";
import { sampleContainer, sampleId, sampleImage, sampleRecord } from "./harness/sample-container.ts";

const image: ImageRecord = {
  id: sampleImage,
  manifest: sampleImage,
  manifestType: "application/vnd.oci.image.manifest.v1+json",
  config: {
    architecture: "amd64",
    os: "linux",
    created: new Date(Date.now() - 3 * 24 * 3_600_000).toISOString(),
    config: { Cmd: ["sh"], Env: ["PATH=/bin"] },
    rootfs: { type: "layers", diff_ids: [sampleImage] },
    history: [],
  },
  tags: ["docker.io/library/busybox:latest", "localhost:5000/app:1"],
  digests: [`docker.io/library/busybox@${sampleImage}`],
  layers: undefined,
  size: 4_260_000,
  tagged: "2026-01-02T03:04:05Z",
};
const network: NetworkRecord = {
  id: "fe".repeat(32),
  name: "bridge",
  created: "2026-01-02T03:04:05.000000006Z",
  driver: "bridge",
  internal: false,
  attachable: false,
  ipv6: false,
  subnets: [{ subnet: "172.17.0.0/16", gateway: "172.17.0.1", chosen: false }],
  options: { "com.docker.network.bridge.name": "docker0" },
  ipamDriver: "default",
  ipamOptions: {},
  labels: {},
  interface: "br0",
};
const volume: VolumeRecord = {
  name: "data",
  driver: "local",
  created: "2026-01-02T03:04:05Z",
  labels: {},
  options: {},
  anonymous: false,
};
const volumeView = { volume, mountpoint: "/data/volumes/data/_data" };
const info: EngineInfo = {
  id: "8c9d",
  version: "0.1.0",
  facts: {
    name: "crun",
    version: "1.8.1",
    program: "/usr/bin/crun",
    root: "/run/berth/crun",
    cgroup: 1,
    capabilities: [],
    hardLimits: undefined,
    appArmor: false,
    lowerOomScore: true,
    cores: 2,
    memory: 8_000_000_000,
    swapAccounting: true,
    architecture: "amd64",
    init: undefined,
    controllers: new Set(["memory", "cpu", "cpuset", "pids"]),
    blkioWeight: false,
  },
  containers: { running: 1, paused: 0, stopped: 2 },
  images: 1,
  dataFolder: "/var/lib/berth/engine",
  hostName: "here",
  kernel: "6.1.0",
  operatingSystem: "Debian GNU/Linux 12",
  started: "2026-01-02T03:04:05Z",
  warnings: ["a warning"],
  registries: ["localhost:5000"],
};
const missing = (what: string) => () => Promise.reject(new AppError("engine-missing", `No such ${what}`));
const container = sampleContainer();
const bound = sampleRecord({
  mounts: [
    {
      type: "volume",
      name: "data",
      source: "/x",
      destination: "/d",
      driver: "local",
      mode: "z",
      rw: true,
      propagation: "",
    },
  ],
});
const summary = { image, containers: 1, sharedSize: 0 };

let door: Awaited<ReturnType<typeof serveDoor>>;
before(async () => {
  door = await serveDoor({
    containers: {
      list: async ({ size }) => [
        { ...container, record: bound, sizes: size ? { writable: 2, root: 5_000_000 } : undefined },
        {
          ...container,
          record: sampleRecord({
            id: "ff".repeat(32),
            name: "old",
            state: { status: "exited", exitCode: 3, finishedAt: new Date(Date.now() - 60_000).toISOString() },
          }),
        },
      ],
      inspect: async (ref) => (ref === "web" || ref === sampleId ? container : missing("container")()),
      top: async (_ref, args) => ({ titles: ["PID", "CMD"], processes: [["1", args]] }),
      changes: async () => [
        { path: "/etc", kind: "changed" },
        { path: "/etc/new", kind: "added" },
        { path: "/etc/old", kind: "removed" },
      ],
      prune: async () => ({ removed: [sampleId], reclaimed: 1_000 }),
      rename: async () => undefined,
      update: async () => ({ warnings: [] }),
      commit: async ({ repo, tag, changes, pause }) => {
        assert.deepEqual(
          [repo, tag, changes, pause],
          ["docker.io/library/made", "1", ["CMD a", "USER b"], false],
        );
        return sampleImage;
      },
    },
    images: {
      list: async () => [summary],
      inspect: async (name) => (name === "busybox" ? { image, parent: "" } : missing("image")()),
      history: async () => [
        {
          id: "<missing>",
          size: 4_260_000,
          tags: [],
          created: "2026-01-02T03:04:05Z",
          created_by: "ADD file",
        },
      ],
      remove: async () => [{ Untagged: "busybox:latest" }, { Deleted: sampleImage }],
      tag: async (name, repo, tag) =>
        assert.deepEqual([name, repo, tag], ["busybox", "localhost:5000/a/b", "2"]),
      prune: async () => ({ removed: [], reclaimed: 0 }),
      search: async () => [{ name: "busybox", description: "small", stars: 7, official: true }],
      signIn: async ({ username, password, serverAddress }) => {
        assert.deepEqual([username, serverAddress], ["ann", "localhost:5000"]);
        if (password !== "right")
          throw new AppError("unauthenticated", "unauthorized: incorrect username or password");
        return { identityToken: "" };
      },
    },
    networks: {
      list: async () => [{ network, containers: {} }],
      inspect: async (ref) =>
        ref === "bridge"
          ? {
              network,
              containers: {
                [sampleId]: { name: "web", endpointId: "ed", mac: "02", ipv4: "172.17.0.2", ipv6: "" },
              },
            }
          : missing("network")(),
      prune: async () => ["old-net"],
      create: async (body) => ({ id: "fe".repeat(32), warning: typeof body.Name === "string" ? "" : "?" }),
      remove: async () => undefined,
    },
    volumes: {
      list: async () => [volumeView],
      inspect: async (name) => (name === "data" ? volumeView : missing("volume")()),
      create: async () => volumeView,
      prune: async (filters) => ({ removed: [...filters.keys()], reclaimed: 0 }),
    },
    system: {
      info: async () => info,
      diskUsage: async () => ({
        layers: 4_260_000,
        images: [summary],
        containers: [{ ...container, sizes: { writable: 0, root: 1 } }],
        volumes: [{ view: volumeView, size: 12, uses: 1 }],
      }),
    },
  });
});
after(() => door[Symbol.asyncDispose]());

/** Command → what its output must hold, in order. */
const shows: [string, ...RegExp[]][] = [
  [
    "version",
    /API version: +1\.47 \(downgraded from 1\.50\)\n/,
    /Version: +0\.1\.0/,
    /API version: +1\.47 \(minimum version 1\.24\)/,
    /crun:\n +Version: +1\.8\.1/,
  ],
  [
    "info",
    /Containers: 3\n/,
    /Storage Driver: overlay2/,
    /Swarm: inactive/,
    /Default Runtime: crun/,
    /Docker Root Dir: \/var\/lib\/berth/,
  ],
  [
    "ps",
    /CONTAINER ID/,
    /0123456789ab +busybox +"sh -c 'sleep 60'" +[^\n]+ Up [4-9] seconds +81\/tcp, 0\.0\.0\.0:18080->80\/tcp, \[::\]:18080->80\/tcp +web/,
    /Exited \(3\) About a minute ago/,
  ],
  ["ps -s --format {{.Size}}", /^2B \(virtual 5MB\)/],
  ["inspect -f {{.State.Status}}/{{.NetworkSettings.IPAddress}} web", /^running\/172\.17\.0\.2\n/],
  ["inspect busybox", /"RepoTags": \[\s+"busybox:latest",\s+"localhost:5000\/app:1"/],
  ["inspect bridge", /"172\.17\.0\.2\/16"/],
  ["inspect data", /"Mountpoint": "\/data\/volumes\/data\/_data"/],
  ["port web", /^80\/tcp -> 0\.0\.0\.0:18080\n80\/tcp -> \[::\]:18080\n/],
  ["top web -o pid", /PID +CMD\n1 +-o pid/],
  ["diff web", /^C \/etc\nA \/etc\/new\nD \/etc\/old\n/],
  ["rename web other", /^$/],
  ["update --memory 5m web", /^web\n/],
  ["commit -p=false -c CMD\u00a0a -c USER\u00a0b web made:1", /^sha256:abab/],
  ["images", /busybox +latest +abababababab +3 days ago +4\.26MB/],
  ["images --format {{.Repository}}:{{.Tag}}", /^localhost:5000\/app:1\n/m],
  ["images --tree", /busybox:latest/],
  ["images --digests", /sha256:abab/],
  ["history --no-trunc busybox", /<missing>.*ADD file +4\.26MB/],
  ["tag busybox localhost:5000/a/b:2", /^$/],
  ["rmi busybox", /^Untagged: busybox:latest\nDeleted: sha256:abab/],
  ["search busybox", /busybox +small +7 +\[OK\]/],
  ["network ls", /fefefefefefe +bridge +bridge +local/],
  ["network create made", /^(?:fe){32}\n/],
  ["network rm bridge", /^bridge\n/],
  ["volume ls", /local +data/],
  ["volume create data", /^data\n/],
  ["volume prune -f -a", /Deleted Volumes:\nall\n/],
  ["system df", /Images +1 +1 +4\.26MB/, /Local Volumes +1 +1 +12B/, /Build Cache +0/],
  ["system df -v", /data +1 +12B/],
  [
    "system prune -f",
    /Deleted Containers:\n0123/,
    /Deleted Networks:\nold-net/,
    /Total reclaimed space: 1kB/,
  ],
  ["builder prune -f", /Total reclaimed space: 0B/],
  ["plugin ls", /^ID +NAME/],
];

for (const [command, ...expected] of shows)
  test(`docker ${command}`, { timeout: 30_000, ...needs("docker") }, async () => {
    const args = command.split(" ").map((word) => word.replaceAll("\u00a0", " "));
    const { code, stdout, stderr } = await door.docker(args);
    assert.equal(code, 0, stderr);
    let rest = stdout;
    for (const pattern of expected) {
      const found = pattern.exec(rest);
      assert.ok(found, `${pattern} is not in:\n${rest}`);
      rest = rest.slice(found.index + found[0].length);
    }
  });

test(
  "docker inspect of nothing asks everywhere and says so",
  { timeout: 30_000, ...needs("docker") },
  async () => {
    const { code, stderr } = await door.docker(["inspect", "nothing"]);
    assert.equal(code, 1);
    assert.match(stderr, /^Error: No such object: nothing\n$/);
  },
);

test("docker login", { timeout: 30_000, ...needs("docker") }, async () => {
  const good = await door.docker(["login", "-u", "ann", "--password-stdin", "localhost:5000"], {
    input: "right",
  });
  assert.match(good.stdout, /Login Succeeded/);
  const bad = await door.docker(["login", "-u", "ann", "--password-stdin", "localhost:5000"], {
    input: "wrong",
  });
  assert.equal(bad.code, 1);
  assert.match(bad.stderr, /incorrect username or password/);
});

for (const [command, hint] of [
  ["build -t x -", /buildah/],
  ["service ls", /swarm/],
  ["swarm init", /swarm/],
  ["plugin install nosuch", /plugins/],
] as const)
  test(`docker ${command} says what to use instead`, { timeout: 30_000, ...needs("docker") }, async () => {
    const { code, stderr } = await door.docker(command.split(" "), { input: "FROM scratch\n" });
    assert.equal(code, 1);
    assert.match(stderr, /Berth (?:doesn't|has|takes)/);
    assert.match(stderr, hint);
  });
