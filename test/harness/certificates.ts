import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../clients/find-program.ts";

export interface Pair {
  /** Paths. */
  certificate: string;
  key: string;
  /** PEM. */
  cert: string;
  keyText: string;
}

/** A certificate authority of the test's own, in a folder that goes away with it. */
export interface Authority extends Disposable {
  folder: string;
  /** Its certificate: path and PEM. */
  file: string;
  ca: string;
  /** A certificate for 127.0.0.1, localhost and registry.test, good for servers and clients. @param name its subject and file name. */
  issue(name: string): Pair;
}

/** Made with openssl, as people make theirs; ask for it with `needs("openssl")`. */
export function makeAuthority(name = "Test CA"): Authority {
  const folder = mkdtempSync(join(tmpdir(), "berth-ca-"));
  const openssl = (...args: string[]) =>
    execFileSync(findProgram("openssl") ?? "openssl", args, {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const file = join(folder, "ca.pem");
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", file, "-days", "2", "-subj", `/CN=${name}`);
  const extensions = join(folder, "extensions");
  writeFileSync(extensions, "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:registry.test\n");
  return {
    folder,
    file,
    ca: readFileSync(file, "utf8"),
    issue(subject) {
      const pair = { certificate: join(folder, `${subject}.pem`), key: join(folder, `${subject}.key`) };
      openssl("req", ...key, "-keyout", pair.key, "-out", `${subject}.csr`, "-subj", `/CN=${subject}`);
      const sign = [
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        extensions,
      ];
      openssl("x509", "-req", "-in", `${subject}.csr`, ...sign, "-out", pair.certificate);
      return {
        ...pair,
        cert: readFileSync(pair.certificate, "utf8"),
        keyText: readFileSync(pair.key, "utf8"),
      };
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
