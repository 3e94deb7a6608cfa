import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Where administrators put a registry's CA for docker and for podman: HOST[:PORT]/*.crt. */
const folders = ["/etc/docker/certs.d", "/etc/containers/certs.d"];

/** PEM of the CAs that this machine has for a registry, beside the system's; undefined: none. */
export async function dockerCas(domain: string): Promise<string | undefined> {
  const found: string[] = [];
  for (const folder of folders.map((each) => join(each, domain))) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((each) => each.endsWith(".crt")).sort())
      found.push(await readFile(join(folder, name), "latin1"));
  }
  return found.length === 0 ? undefined : found.join("\n");
}
