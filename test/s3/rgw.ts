import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";

const { CLIENT_TOOLS = join(homedir(), ".cache", "berth-tools") } = process.env;
/** Where `test/s3/ceph-fetch` puts Ceph's programs. */
const root = join(CLIENT_TOOLS, "ceph");
const script = new URL("ceph-rgw", import.meta.url).pathname;

/** Test options that skip a test, saying why, where no Ceph was fetched. */
export const withRgw: { skip: string | false } = {
  skip:
    !existsSync(join(root, "usr", "bin", "radosgw")) &&
    `Ceph's S3 server is not there. Get it: test/s3/ceph-fetch ${root} forky`,
};

/** A real S3 server on loopback, gone with the test. */
export interface Rgw extends AsyncDisposable {
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Files with the two, as `storage.s3` names them. */
  idFile: string;
  secretFile: string;
  client: S3Client;
  /** A new, empty bucket's name. */
  bucket(): Promise<string>;
}

/**
 * Starts monitor, storage and gateway; about two seconds. They live until their standard input ends, as this process's end does.
 * @param store memstore keeps everything in memory; bluestore in a file `within` a folder, for more than a test needs.
 * @param leastPart bytes that a part needs at least, for tests of many uploads in parts; by default as on S3.
 */
export async function startRgw({
  store = "memstore",
  within = tmpdir(),
  leastPart = 5 * 1024 * 1024,
}: { store?: "memstore" | "bluestore"; within?: string; leastPart?: number } = {}): Promise<Rgw> {
  const folder = await mkdtemp(join(within, "berth-rgw-"));
  const child = spawn(script, ["run", join(folder, "ceph"), "cat"], {
    stdio: ["pipe", "ignore", "inherit"],
    env: {
      PATH: process.env.PATH,
      CEPH_ROOT: root,
      CEPH_NODE: process.execPath,
      RGW_STORE: store,
      RGW_LEAST_PART: String(leastPart),
    },
  });
  const exited = once(child, "exit");
  const stop = async () => {
    child.stdin?.end();
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const env = await readEnv(join(folder, "ceph", "env"), () => child.exitCode !== null);
    const { S3_ENDPOINT = "", AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = env;
    const [idFile, secretFile] = [join(folder, "id"), join(folder, "secret")];
    await writeFile(idFile, AWS_ACCESS_KEY_ID);
    await writeFile(secretFile, `${AWS_SECRET_ACCESS_KEY}\n`);
    const client = new S3Client({
      endpoint: S3_ENDPOINT,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
    });
    let buckets = 0;
    return {
      endpoint: S3_ENDPOINT,
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      idFile,
      secretFile,
      client,
      async bucket() {
        const Bucket = `test-${String(++buckets)}`;
        await client.send(new CreateBucketCommand({ Bucket }));
        return Bucket;
      },
      async [Symbol.asyncDispose]() {
        client.destroy();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readEnv(file: string, over: () => boolean): Promise<Record<string, string>> {
  for (let tries = 0; tries < 600 && !over(); tries++) {
    const text = await readFile(file, "utf8").catch(() => "");
    const lines = text.trim().split("\n");
    if (lines.length >= 4 && text.endsWith("\n"))
      return Object.fromEntries(lines.map((line) => line.split("=", 2) as [string, string]));
    await sleep(100);
  }
  throw new Error("the S3 server did not start");
}
