import type { schema } from "./schema.ts";

type Read = Pick<(typeof schema)["_output"], "auth" | "metadata">;

/** Signing keys come from one place, which servers that share a database must share, too. */
export function signingKeyFaults({ auth, metadata }: Read): { key: string; message: string }[] {
  if (auth?.mode !== "token") return [];
  const sealed = auth.secret_file !== undefined;
  const given = auth.token.key_files.length > 0;
  const shared = metadata.url !== undefined || metadata.url_file !== undefined;
  if (sealed && given)
    return [
      {
        key: "auth.token.key_files",
        message:
          "can't stand together with auth.secret_file: leave this out, and Berth makes its signing keys itself " +
          "and keeps them encrypted; or leave auth.secret_file out, and the keys are the ones in these files",
      },
    ];
  if (shared && !sealed && !given)
    return [
      {
        key: "auth.secret_file",
        message:
          "is missing: servers on one database must be able to check each other's tokens. Make a file with " +
          "(umask 077; openssl rand -base64 48 > FILE), copy it to every server and name it here; or name " +
          "signing keys of your own in auth.token.key_files",
      },
    ];
  return [];
}
