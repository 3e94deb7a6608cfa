import { createHash } from "node:crypto";
import type { ManifestView, TagView, TagsView } from "#core/web/views.ts";

/** Made content, as the page's API would describe it: always the same, so that pictures of it compare. */
export const digest = (of: string) => `sha256:${createHash("sha256").update(of).digest("hex")}`;

/** ISO time so many minutes before now. */
export const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

const index = "application/vnd.oci.image.index.v1+json";
const manifest = "application/vnd.oci.image.manifest.v1+json";
const layerType = "application/vnd.oci.image.layer.v1.tar+gzip";
const both = ["linux/amd64", "linux/arm64"];

export function tagsOf(repository: string): TagsView {
  const tag = (name: string, size: number, pushed: number, more: Partial<TagView> = {}): TagView => ({
    name,
    digest: digest(`${repository}:${more.about === undefined ? name.replace("latest", "1.4.2") : name}`),
    mediaType: index,
    size,
    platforms: both,
    pushedAt: ago(pushed),
    pulledAt: ago(pushed / 7),
    pulls: size % 977,
    pinned: false,
    immutable: false,
    ...more,
  });
  const signed = digest(`${repository}:1.4.2`);
  const companion = { about: signed, mediaType: manifest, platforms: [], pulls: 2 };
  return {
    repository,
    may: { push: true, overwrite: true, delete: true },
    items: [
      tag("1.4.2", 48_220_114, 190, { pinned: true }),
      tag("1.4.1", 48_218_870, 8_900, { immutable: true }),
      tag("1.3.9", 46_950_221, 61_000, { platforms: ["linux/amd64"] }),
      tag("edge", 51_730_406, 12, { platforms: [...both, "linux/arm/v7", "linux/s390x"] }),
      tag("latest", 48_220_114, 190),
      tag("nightly-2026-11-20", 51_701_993, 1_700, { platforms: ["linux/amd64"], pulls: 0 }),
      tag("chart", 18_442, 30_000, { platforms: [], mediaType: manifest }),
      tag(`${signed.replace(":", "-")}.sig`, 1_214, 189, companion),
      tag(`${signed.replace(":", "-")}.sbom`, 84_133, 189, companion),
    ],
  };
}

const steps: [string, number | undefined][] = [
  ["/bin/sh -c #(nop) ADD file:53be77b5f3e1a2 in / ", 29_150_412],
  ['/bin/sh -c #(nop)  CMD ["bash"]', undefined],
  ["ENV NODE_VERSION=24.21.0", undefined],
  [
    "RUN /bin/sh -c apt-get update && apt-get install -y --no-install-recommends ca-certificates tini && rm -rf /var/lib/apt/lists/* # buildkit",
    3_911_204,
  ],
  ["WORKDIR /app", 93],
  ["COPY package.json package-lock.json ./ # buildkit", 41_022],
  ["RUN /bin/sh -c npm ci --omit=dev # buildkit", 14_220_876],
  ["COPY dist ./dist # buildkit", 896_507],
  ['ENTRYPOINT ["tini" "--"]', undefined],
  ['CMD ["node" "dist/main.js"]', undefined],
];

export function manifestOf(repository: string, reference: string): ManifestView {
  const isChild = reference.startsWith("sha256:");
  const tag = isChild ? undefined : reference;
  const base: ManifestView = {
    repository,
    digest: isChild ? reference : digest(`${repository}:${reference.replace("latest", "1.4.2")}`),
    mediaType: isChild ? manifest : index,
    size: isChild ? 2_204 : 1_672,
    totalSize: 48_220_114,
    tags: tag === undefined ? [] : tag === "1.4.2" || tag === "latest" ? ["1.4.2", "latest"] : [tag],
    annotations: {
      "org.opencontainers.image.source": "https://git.example.org/team/shop",
      "org.opencontainers.image.revision": "6d1c2f0a9be14b2f8f0c",
      "org.opencontainers.image.url": "javascript:alert(1)",
    },
    children: [],
    layers: [],
    referrers: [],
    may: { push: true, delete: true },
  };
  if (!isChild) {
    return {
      ...base,
      children: both.map((platform) => ({
        digest: digest(`${repository} ${platform}`),
        mediaType: manifest,
        size: 48_220_114,
        platform,
        present: platform !== "linux/arm64",
        annotations: {},
      })),
      referrers: [
        {
          digest: digest("sig"),
          artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json",
          size: 3_411,
          annotations: {},
          kind: "signature",
        },
        {
          digest: digest("sbom"),
          artifactType: "application/spdx+json",
          size: 84_133,
          annotations: { "org.opencontainers.image.title": "sbom.spdx.json" },
          kind: "SBOM",
        },
      ],
    };
  }
  const history = steps.map(([createdBy, size], at) => ({
    createdAt: ago(300 - at),
    createdBy,
    ...(size === undefined ? {} : { size, layer: digest(`${repository} layer ${at}`) }),
    ...(createdBy.includes("buildkit") ? { comment: "buildkit.dockerfile.v0" } : {}),
  }));
  return {
    ...base,
    layers: history.flatMap(({ layer, size }) =>
      layer === undefined || size === undefined ? [] : [{ digest: layer, mediaType: layerType, size }],
    ),
    image: {
      platform: "linux/amd64",
      createdAt: ago(200),
      author: "The Shop Team",
      entrypoint: ["tini", "--"],
      cmd: ["node", "dist/main.js", "--greeting", "good morning"],
      env: [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "NODE_VERSION=24.21.0",
        "NODE_ENV=production",
      ],
      workingDir: "/app",
      user: "1000:1000",
      exposedPorts: ["8080/tcp"],
      volumes: ["/app/uploads"],
      labels: {
        "org.opencontainers.image.title": "Shop",
        "org.opencontainers.image.documentation": "https://docs.example.org/shop",
        note: "<img src=x onerror=alert(1)> stays what it is: a text",
      },
      history,
    },
  };
}
