import { createHash } from "node:crypto";
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
/** What the tests call in containers, as links to the one program. */
const applets =
  "sh ls cat echo sleep env id pwd true false touch mkdir rm rmdir mv cp ln ps kill wc head tail grep sed awk cut tr sort " +
  "printf date hostname ip ifconfig ping nc wget httpd nslookup mount umount df du dd stat chmod chown find xargs test " +
  "expr seq yes tee trap uname whoami free top stty tty ulimit nproc sysctl unshare dmesg md5sum sha256sum vi which";

/**
 * A small image as `docker save` writes it, made of Debian's static busybox: the same bytes each time.
 * @param layers further layers: files by path.
 */
export async function busyboxArchive(
  name: string,
  layers: readonly Record<string, string>[] = [],
  config: Record<string, unknown> = {},
): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "berth-image-"));
  try {
    const tars = [await tarOf(folder, "base", await baseRoot(join(folder, "base")))];
    for (const [i, files] of layers.entries()) {
      const root = join(folder, `layer${i}`);
      for (const [path, text] of Object.entries(files)) {
        await mkdir(join(root, path, ".."), { recursive: true });
        await writeFile(join(root, path), text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
      }
      tars.push(await tarOf(folder, `layer${i}`, root));
    }
    const out = join(folder, "out");
    await mkdir(out);
    const names: string[] = [];
    const diffIds: string[] = [];
    for (const [i, tar] of tars.entries()) {
      names.push(`layer${i}.tar`);
      diffIds.push(digestOf(tar));
      await writeFile(join(out, `layer${i}.tar`), tar);
    }
    const image = Buffer.from(
      JSON.stringify({
        architecture: process.arch === "x64" ? "amd64" : process.arch,
        os: "linux",
        created: "2026-01-02T03:04:05Z",
        config: {
          Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
          Cmd: ["sh"],
          ...config,
        },
        rootfs: { type: "layers", diff_ids: diffIds },
        history: diffIds.map((_, i) => ({ created: "2026-01-02T03:04:05Z", created_by: `layer ${i}` })),
      }),
    );
    const configName = `${digestOf(image).slice("sha256:".length)}.json`;
    await writeFile(join(out, configName), image);
    await writeFile(
      join(out, "manifest.json"),
      JSON.stringify([{ Config: configName, RepoTags: [name], Layers: names }]),
    );
    await run("tar", [
      ...plain,
      "-cf",
      join(folder, "image.tar"),
      "-C",
      out,
      ...names,
      configName,
      "manifest.json",
    ]);
    return await readFile(join(folder, "image.tar"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const plain = ["--sort=name", "--mtime=2026-01-02 03:04:05Z", "--owner=0", "--group=0", "--numeric-owner"];

async function tarOf(folder: string, name: string, root: string): Promise<Buffer> {
  const file = join(folder, `${name}.tar`);
  await run("tar", [...plain, "-cf", file, "-C", root, "."]);
  return readFile(file);
}

async function baseRoot(root: string): Promise<string> {
  for (const path of ["bin", "etc", "proc", "sys", "dev", "tmp", "root", "home/worker", "var/www"])
    await mkdir(join(root, path), { recursive: true });
  await copyFile("/bin/busybox", join(root, "bin/busybox"));
  await Promise.all(applets.split(" ").map((applet) => symlink("busybox", join(root, "bin", applet))));
  await writeFile(
    join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/bin/sh\nworker:x:1000:1000::/home/worker:/bin/sh\n",
  );
  await writeFile(
    join(root, "etc/group"),
    "root:x:0:\nwheel:x:10:root\nworker:x:1000:\nextra:x:2000:worker\n",
  );
  return root;
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
