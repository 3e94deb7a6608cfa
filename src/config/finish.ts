import type { Config } from "./config.ts";
import type { ConfigSources } from "./sources.ts";
import type { schema } from "./schema.ts";

/** Most serving processes that `workers: auto` starts. */
const MOST_AUTO_WORKERS = 4;

type Read = (typeof schema)["_output"];

/** What depends on the machine or on other keys: absolute files, the number of workers, the token service's name. */
export function finish(read: Read, { defaultData, cores, resolvePath }: ConfigSources): Config {
  const data = resolvePath(read.data ?? defaultData);
  const path = resolvePath(read.storage.disk.path ?? `${data}/storage`);
  const file = (name: string | undefined) => (name === undefined ? undefined : resolvePath(name));
  const { tls, auth, audit } = read;
  return {
    ...read,
    data,
    external_url: read.external_url,
    storage: { disk: { ...read.storage.disk, path, x_accel_redirect: read.storage.disk.x_accel_redirect } },
    workers: read.workers === "auto" ? Math.max(1, Math.min(MOST_AUTO_WORKERS, cores)) : read.workers,
    tls: tls && {
      ...tls,
      certificate: resolvePath(tls.certificate),
      key: resolvePath(tls.key),
      client_ca: file(tls.client_ca),
    },
    auth: auth && {
      ...auth,
      service: auth.service ?? (read.external_url === undefined ? "berth" : new URL(read.external_url).host),
      passwords: { ...auth.passwords, htpasswd: file(auth.passwords.htpasswd) },
      admin: { ...auth.admin, password_file: file(auth.admin.password_file) },
      outside: {
        realm: auth.outside.realm,
        issuer: auth.outside.issuer,
        jwks_url: auth.outside.jwks_url,
        jwks_file: file(auth.outside.jwks_file),
        certificates: file(auth.outside.certificates),
      },
      workloads: auth.workloads.map((one) => ({
        ...one,
        jwks_url: one.jwks_url,
        jwks_file: file(one.jwks_file),
      })),
    },
    policy: { ...read.policy, rules: read.policy.rules.map((rule) => ({ ...rule, name: rule.name })) },
    audit: { ...audit, file: audit.file === "off" ? undefined : resolvePath(audit.file) },
  };
}
