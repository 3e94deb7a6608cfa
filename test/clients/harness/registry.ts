import assert from "node:assert/strict";
import { spawnBerth } from "../../harness/process.ts";
import { leftovers } from "./leftovers.ts";

/** A Berth process on a data folder, seen as a client sees it. */
export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:PORT`: what stands before the first slash of an image's name. */
  host: string;
  /** GET below `/v2/`, which must succeed. */
  get(path: string): Promise<Response>;
  /** The status of a GET below `/v2/`. */
  status(path: string): Promise<number>;
  /** Digest of the manifest that a tag points at. */
  digest(repository: string, tag: string): Promise<string>;
  tags(repository: string): Promise<string[]>;
  /** What the referrers API lists for a digest. */
  referrers(repository: string, digest: string): Promise<{ artifactType: string }[]>;
}

export interface RegistryOptions {
  /** More of the configuration file. */
  config?: Record<string, unknown>;
  /** With auth on: `NAME:PASSWORD` of who looks, for the functions of the registry. */
  as?: string;
}

/** @param data an absolute path; a second Berth on the same folder, later, is the same registry restarted. */
export async function startRegistry(data: string, options: RegistryOptions = {}): Promise<Registry> {
  // Two workers: clients open several connections, and any of them may reach either process.
  const berth = await spawnBerth({ data, config: { workers: 2, ...options.config } });
  // Negative: the whole process group.
  leftovers.pids.add(-berth.pid);
  const headers = {
    accept,
    ...(options.as === undefined ? {} : { authorization: `Basic ${btoa(options.as)}` }),
  };
  const fetchPath = (path: string) => fetch(`${berth.url}/v2/${path}`, { headers });
  const get = async (path: string) => {
    const response = await fetchPath(path);
    assert.equal(response.status, 200, `GET /v2/${path}`);
    return response;
  };
  return {
    host: berth.host,
    get,
    status: async (path) => {
      const response = await fetchPath(path);
      await response.arrayBuffer();
      return response.status;
    },
    digest: async (repository, tag) => {
      const response = await get(`${repository}/manifests/${tag}`);
      await response.arrayBuffer();
      return response.headers.get("docker-content-digest") ?? "";
    },
    tags: async (repository) => {
      const list = (await (await get(`${repository}/tags/list`)).json()) as { tags: string[] };
      return list.tags;
    },
    referrers: async (repository, digest) => {
      const index = (await (await get(`${repository}/referrers/${digest}`)).json()) as {
        manifests: { artifactType: string }[];
      };
      return index.manifests;
    },
    [Symbol.asyncDispose]: async () => {
      await berth.stop();
      leftovers.pids.delete(-berth.pid);
    },
  };
}

const accept = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");
