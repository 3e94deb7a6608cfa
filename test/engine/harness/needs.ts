import { existsSync } from "node:fs";
import { test, type TestContext } from "node:test";

const folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
const parts = ["conmon", "ip", "iptables", "iptables-restore", "nsenter", "mount", "tar", "perl"];

/** What the engine lacks on this machine; undefined: nothing. */
export function lacking(): string | undefined {
  if (process.getuid?.() !== 0) return "root";
  const found = (name: string) => folders.some((folder) => existsSync(`${folder}/${name}`));
  const missing = parts.filter((name) => !found(name));
  if (!found("crun") && !found("runc")) missing.push("crun or runc");
  return missing.length === 0 ? undefined : missing.join(", ");
}

/** A test that needs root and the engine's parts: without them it is skipped aloud, and in CI it fails. */
export function engineTest(
  name: string,
  run: (context: TestContext) => Promise<void>,
  timeout = 60_000,
): void {
  const lack = lacking();
  if (lack === undefined) test(name, { timeout }, run);
  else if (process.env.CI === "true")
    test(name, () => {
      throw new Error(`the engine's tests need ${lack}`);
    });
  else test(name, { skip: `needs ${lack}` }, () => undefined);
}
