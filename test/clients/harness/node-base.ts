import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { findProgram } from "../find-program.ts";

/**
 * A root file system with Node, npm and a shell, made of what this machine has: what a build of Berth begins with.
 * npm asks the registry that this machine's npm asks.
 * @returns variables that the image must set
 */
export function makeNodeBase(root: string): Record<string, string> {
  const text = (program: string, ...args: string[]) =>
    execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  const busybox = findProgram("busybox") ?? "";
  const place = (source: string, target: string) => {
    mkdirSync(dirname(join(root, target)), { recursive: true });
    copyFileSync(realpathSync(source), join(root, target));
  };
  place(busybox, "bin/busybox");
  for (const applet of text(busybox, "--list").split("\n"))
    if (applet !== "busybox") symlinkSync("busybox", join(root, "bin", applet));
  place(process.execPath, "usr/local/bin/node");
  // ldd is a script for bash that asks the loader.
  place("/usr/bin/ldd", "usr/bin/ldd");
  place(findProgram("bash") ?? "/bin/bash", "usr/bin/bash");
  symlinkSync("/usr/bin/bash", join(root, "bin/bash"));
  for (const program of [process.execPath, "/bin/bash"])
    for (const [library] of text("ldd", program).matchAll(/\/\S+\.so\S*/g)) place(library, library);

  const npm = join(text("npm", "root", "--global"), "npm");
  cpSync(npm, join(root, "usr/local/lib/node_modules/npm"), { recursive: true, dereference: true });
  for (const name of ["npm", "npx"])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, "usr/local/bin", name));
  mkdirSync(join(root, "usr/bin"), { recursive: true });
  symlinkSync("/bin/env", join(root, "usr/bin/env"));
  for (const folder of ["tmp", "root", "etc", "proc", "dev", "sys"])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  writeFileSync(join(root, "etc/group"), "root:x:0:\n");
  const variables: Record<string, string> = {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    npm_config_registry: text("npm", "config", "get", "registry"),
    npm_config_update_notifier: "false",
  };
  const own = process.env.NODE_EXTRA_CA_CERTS;
  if (own !== undefined && existsSync(own)) {
    place(own, "etc/ssl/own.pem");
    variables.NODE_EXTRA_CA_CERTS = "/etc/ssl/own.pem";
  }
  return variables;
}
