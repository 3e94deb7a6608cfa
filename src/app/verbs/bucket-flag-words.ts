const flags: readonly (readonly [key: string, flag: string])[] = [
  ["storage.s3.bucket", "the bucket's name"],
  ["storage.s3.region", "--region"],
  ["storage.s3.endpoint", "--endpoint"],
  ["storage.s3.access_key_id_file", "--access-key-id-file"],
  ["storage.s3.secret_access_key_file", "--secret-access-key-file"],
  ["secret_access_key_file", "--secret-access-key-file"],
];

/** A message about the section storage.s3 for who named a bucket on the command line: with flags for its keys. */
export function inFlags(message: string): string {
  return flags.reduce((text, [key, flag]) => text.replaceAll(key, flag), message);
}
