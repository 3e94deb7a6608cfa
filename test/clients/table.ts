import { readFileSync } from "node:fs";

/** A program from elsewhere that the tests drive against Berth. */
export interface Client {
  /** Programs that must be there, by name. The first one is the client itself. */
  programs: readonly string[];
  /** Its daemon only runs as root. */
  root: boolean;
  /** What to type to get it. */
  get: string;
}

const debian = (programs: string[], packages: string, root = false): Client => ({
  programs,
  root,
  get: `apt-get install --no-install-recommends ${packages}`,
});

/** Every client that a test may ask for; each has its tests in the file of that name. */
export const clients: ReadonlyMap<string, Client> = new Map([
  ["docker", debian(["docker", "dockerd", "containerd", "runc"], "docker.io", true)],
  ["containerd", debian(["ctr", "containerd"], "containerd", true)],
  ["podman", debian(["podman"], "podman", true)],
  ["skopeo", debian(["skopeo"], "skopeo")],
  ["buildah", debian(["buildah"], "buildah", true)],
  ["nginx", debian(["nginx"], "nginx-light")],
  ["openssl", debian(["openssl"], "openssl")],
  ["busybox", debian(["busybox"], "busybox-static")],
  ...builtWithGo(),
]);

function builtWithGo(): [string, Client][] {
  const text = readFileSync(new URL("../../.ci/go-clients", import.meta.url), "utf8");
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => {
      const [name = "", path = "", version = ""] = line.split(/\s+/);
      return [name, { programs: [name], root: false, get: `go install ${path}@${version}` }];
    });
}
