import { createHtpasswd } from "#auth/htpasswd.ts";
import { fileText } from "#kit/file-cache.ts";

/** What is wrong with the file of `auth.passwords.htpasswd`: it can't be read, or lines of it don't count. */
export async function htpasswdFaults(path: string): Promise<string[]> {
  const faults: string[] = [];
  const read = fileText(path);
  try {
    await read();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "isn't there" : `can't be read (${code ?? message})`;
    return [`auth.passwords.htpasswd ${path} ${why}: until it can be, nobody of it can sign in`];
  }
  const warn = (message: string) => void faults.push(message);
  await createHtpasswd({ read, warn }).anyHash();
  return faults.map((message) => `auth.passwords.htpasswd ${path}: ${message}`);
}
