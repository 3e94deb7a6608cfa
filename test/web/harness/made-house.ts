import type {
  ActivityView,
  ContainerView,
  HealthView,
  Listed,
  RemovedTagView,
  RepositoryView,
  SessionView,
  UpstreamView,
  UsageView,
} from "#core/web/views.ts";
import { ago, digest } from "./made-images.ts";

const names = [
  "docker.io/library/alpine",
  "docker.io/library/node",
  "platform/gateway",
  "platform/identity",
].concat(["team/shop", "team/shop-admin", "team/search", "tools/ci-runner"]);

export const repositories: Listed<RepositoryView> = {
  items: names.map((name, at) => ({
    name,
    ...(name.startsWith("docker.io/") ? { upstream: "docker.io" } : {}),
    tags: [3, 12, 148, 41, 9, 6, 27, 2][at] ?? 1,
    manifests: 4 + at * 3,
    bytes:
      [8_220_114, 1_402_118_004, 7_114_902_333, 902_118_220, 268_440_120, 88_001_224, 614_338_001, 1_920][
        at
      ] ?? 0,
    updatedAt: ago([400, 90, 3, 2_000, 12, 45_000, 700, 600_000][at] ?? 1),
  })),
};

export const sessions = {
  nobody: {
    admin: false,
    auth: "password",
    csrf: "open",
    version: "0.1.0",
    host: "registry.example.org",
    engine: false,
  },
  admin: {
    name: "anna",
    admin: true,
    auth: "password",
    csrf: "made",
    version: "0.1.0",
    host: "registry.example.org",
    engine: true,
  },
} satisfies Record<string, SessionView>;

export const removed: Listed<RemovedTagView> = {
  items: [
    {
      id: 7,
      repository: "team/shop",
      name: "1.2.0",
      digest: digest("r7"),
      removedAt: ago(50),
      until: ago(-9_900),
      removedBy: "anna",
      rule: "",
    },
    {
      id: 5,
      repository: "platform/gateway",
      name: "nightly-2026-10-02",
      digest: digest("r5"),
      removedAt: ago(800),
      until: ago(-9_000),
      removedBy: "retention",
      rule: "keep 14 nightlies",
    },
  ],
};

export const usage: UsageView = {
  total: { repositories: 8, blobs: 1_204, manifests: 312, tags: 248, bytes: 9_882_440_120 },
  repositories: repositories.items
    .map(({ name, bytes, tags }) => ({ name, bytes, tags }))
    .sort((one, other) => other.bytes - one.bytes),
  quotas: [
    {
      name: "teams",
      of: "team/shop",
      used: { bytes: 268_440_120, tags: 9 },
      bytes: 5_000_000_000,
      tags: 100,
    },
    {
      name: "gateway",
      of: "platform/gateway",
      used: { bytes: 7_114_902_333, tags: 148 },
      bytes: 8_000_000_000,
    },
    { name: "tools", of: "tools/ci-runner", used: { bytes: 1_920, tags: 2 }, tags: 2 },
  ],
  disk: { free: 92_330_000_000, total: 250_000_000_000 },
};

export const upstreams: Listed<UpstreamView> = {
  items: [
    {
      name: "docker.io",
      url: "https://registry-1.docker.io",
      bytes: 1_410_338_118,
      hits: 18_220,
      misses: 1_204,
    },
    { name: "quay.io", url: "https://quay.io", bytes: 0, hits: 0, misses: 0 },
    {
      name: "ghcr.io",
      url: "https://ghcr.io",
      bytes: 402_118,
      hits: 4,
      misses: 31,
      fault: "timed out after 10 s, asked again in 40 s",
    },
  ],
};

/** @param turn how often it was told: uploads grow with it */
export function activity(turn: number): ActivityView {
  return {
    uploads: [
      {
        id: "a",
        repository: "team/shop",
        received: 18_220_114 + turn * 1_048_576,
        startedAt: ago(1),
        by: "ci-shop",
      },
      {
        id: "b",
        repository: "platform/gateway",
        received: 402_653_184 + turn * 4_194_304,
        startedAt: ago(4),
        by: "anna",
      },
    ],
    runs: [
      {
        kind: "gc",
        startedAt: ago(1),
        running: true,
        progress: { step: "sweep", blobs: 1_204, freedBytes: 48_220_114 },
      },
      {
        kind: "scrub",
        startedAt: ago(700),
        endedAt: ago(600),
        running: false,
        progress: { blobs: 1_190, faults: 0 },
      },
      {
        kind: "retention",
        startedAt: ago(900),
        endedAt: ago(899),
        running: false,
        progress: { removed: 4 },
        fault: "the database was locked for 30 s",
      },
    ],
    events: [
      {
        id: 9,
        at: ago(3),
        action: "push",
        repository: "platform/gateway",
        tag: "edge",
        digest: digest("e9"),
        actor: "ci-gateway",
        count: 1,
      },
      {
        id: 8,
        at: ago(5),
        action: "pull",
        repository: "team/shop",
        digest: digest("e8"),
        actor: "node-7",
        count: 44,
      },
      {
        id: 7,
        at: ago(50),
        action: "delete",
        repository: "team/shop",
        tag: "1.2.0",
        digest: digest("r7"),
        actor: "anna",
        count: 1,
      },
      {
        id: 6,
        at: ago(90),
        action: "fill",
        repository: "docker.io/library/node",
        tag: "24",
        digest: digest("e6"),
        count: 1,
      },
      { id: 5, at: ago(120), action: "exit", subject: "shop-1 0", count: 1 },
    ],
  };
}

export const health: HealthView = {
  ready: true,
  warnings: ["The certificate ends in 9 days; put a new one at the configured path."],
  errors: [
    { at: ago(20), message: "upstream ghcr.io: timed out after 10 s" },
    { at: ago(2_000), message: "webhook deploy: 503 from https://deploy.example.org/hook, tried 4 times" },
  ],
  damage: [
    {
      digest: digest("d1"),
      kind: "flipped bytes",
      repository: "team/search",
      why: "the bytes hash to another digest; quarantined",
      foundAt: ago(620),
    },
  ],
  garbage: { waitingBytes: 130_220_114, waitingBlobs: 41 },
};

export const containers: Listed<ContainerView> = {
  items: [
    {
      id: "c1",
      name: "shop-1",
      image: "registry.example.org/team/shop:1.4.2",
      state: "running",
      status: "Up 3 hours",
      ports: ["0.0.0.0:8080→8080/tcp"],
    },
    {
      id: "c2",
      name: "search-reindex",
      image: "registry.example.org/team/search:edge",
      state: "exited",
      status: "Exited (1) 20 minutes ago",
      ports: [],
    },
  ],
};
