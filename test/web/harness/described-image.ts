import { freshBytes, oci, type ManifestContent } from "../../harness/registry-content.ts";

export interface Description {
  architecture?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** An image whose config says how it was made and runs: three layers and a step without one. */
export function describedImage({
  architecture = "amd64",
  labels = {},
  annotations = {},
}: Description = {}): ManifestContent {
  const sizes = [4_000, 90_000, 6_000];
  const step = (created_by: string, empty_layer = false) => ({
    created: "2026-03-01T10:00:00Z",
    created_by,
    ...(empty_layer ? { empty_layer } : {}),
  });
  const config = {
    architecture,
    os: "linux",
    created: "2026-03-01T10:00:00Z",
    config: {
      Entrypoint: ["/bin/serve", "--greeting", "good morning"],
      Env: ["PATH=/bin", "MODE=production"],
      WorkingDir: "/srv",
      User: "1000",
      ExposedPorts: { "8080/tcp": {} },
      Labels: labels,
    },
    rootfs: { type: "layers", diff_ids: sizes.map((_, at) => `sha256:${String(at).repeat(64)}`) },
    history: [
      step("/bin/sh -c #(nop) ADD file:base in / "),
      step("RUN /bin/sh -c make install # buildkit"),
      step("ENV MODE=production", true),
      step("COPY dist /srv # buildkit"),
    ],
  };
  return oci.image({
    config: Buffer.from(JSON.stringify(config)),
    layers: sizes.map((size) => freshBytes(size)),
    annotations,
  });
}
