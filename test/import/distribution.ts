import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../bench/servers/free-port.ts";
import { launch } from "../bench/servers/launch.ts";
import { findProgram } from "../clients/find-program.ts";
import type { Rgw } from "../s3/rgw.ts";

/** The releases that wrote the registries of these tests, oldest first. */
export const releases = [
  { version: "2.8", program: "docker-registry", get: "apt-get install docker-registry" },
  {
    version: "3.1",
    program: "registry",
    get: "go install github.com/distribution/distribution/v3/cmd/registry@v3.1.2",
  },
] as const;

export type Release = (typeof releases)[number];

/** Test options that skip a test, saying why, where the release is not there. */
export function withRelease({ program, get }: Release): { skip: string | false } {
  return { skip: findProgram(program) === undefined && `${program} not found. Get it: ${get}` };
}

/** A real registry of CNCF Distribution. */
export interface Distribution extends AsyncDisposable {
  url: string;
  /** `127.0.0.1:PORT` */
  host: string;
  /** What its configuration calls rootdirectory; empty where it keeps things in a bucket. */
  root: string;
  /** Ends the server; what it wrote stays until it is disposed. */
  stop(): Promise<void>;
}

/** @param bucket keeps everything in this bucket, below `prefix` */
export async function startDistribution(
  { program, version }: Release,
  bucket?: { rgw: Rgw; name: string; prefix: string },
): Promise<Distribution> {
  const folder = await mkdtemp(join(tmpdir(), "berth-distribution-"));
  const root = join(folder, "data");
  const port = await freePort();
  const storage =
    bucket === undefined
      ? { filesystem: { rootdirectory: root } }
      : {
          s3: {
            accesskey: bucket.rgw.accessKeyId,
            secretkey: bucket.rgw.secretAccessKey,
            region: "us-east-1",
            regionendpoint: bucket.rgw.endpoint,
            forcepathstyle: true,
            secure: false,
            v4auth: true,
            bucket: bucket.name,
            rootdirectory: `/${bucket.prefix}`,
          },
        };
  const config = {
    version: 0.1,
    storage: { ...storage, delete: { enabled: true }, redirect: { disable: true } },
    http: { addr: `127.0.0.1:${port}` },
  };
  // YAML reads JSON.
  await writeFile(join(folder, "config.yml"), JSON.stringify(config));
  const server = await launch(
    {
      label: `Distribution ${version}`,
      command: findProgram(program) ?? program,
      args: ["serve", join(folder, "config.yml")],
      folder,
      log: join(folder, "log.txt"),
      port,
      // Version 3 would look for a trace collector on this machine otherwise.
      env: { OTEL_TRACES_EXPORTER: "none" },
    },
    AbortSignal.timeout(60_000),
  );
  let running = true;
  const stop = async () => {
    if (running) await server[Symbol.asyncDispose]();
    running = false;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    root: bucket === undefined ? root : "",
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
