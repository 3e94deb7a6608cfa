import type { UpstreamCredentials } from "#adapters/upstream-http/upstream-parts.ts";
import type { UpstreamConfig } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import { fileText } from "#kit/file-cache.ts";

/** What goes to the upstream, read again when its file changed. Throws upstream-refused where it can't be read. */
export function upstreamCredentials(item: UpstreamConfig): () => Promise<UpstreamCredentials | undefined> {
  const { name, username } = item;
  const password = secret(name, "password_file", item.password, item.password_file);
  const token = secret(name, "token_file", item.token, item.token_file);
  const docker = item.docker_config === undefined ? undefined : fileText(item.docker_config);
  return async () => {
    if (username !== undefined) return { username, password: (await password()) ?? "" };
    const bearer = await token();
    if (bearer !== undefined) return { token: bearer };
    if (docker === undefined) return undefined;
    const { text } = await docker().catch((cause: unknown) => {
      throw unreadable(name, "docker_config", cause);
    });
    const { dockerCredentials } = await import("#adapters/upstream-http/docker-config.ts");
    return dockerCredentials(text, item.url);
  };
}

function secret(name: string, key: string, written: string | undefined, file: string | undefined) {
  if (file === undefined) return () => Promise.resolve(written);
  const read = fileText(file, { limit: 64 * 1024 });
  return async () => {
    try {
      return (await read()).text.trimEnd();
    } catch (cause) {
      throw unreadable(name, key, cause);
    }
  };
}

function unreadable(name: string, key: string, cause: unknown): AppError {
  return new AppError(
    "upstream-refused",
    `the credentials of upstream ${name} can't be read: see upstreams[].${key} and the server's log`,
    { subject: name, cause },
  );
}
