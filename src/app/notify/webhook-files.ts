import type { WebhookConfig } from "#config/config.ts";
import { fileText } from "#kit/file-cache.ts";
import { readUpstreamCa } from "../upstreams/upstream-ca.ts";

type Files = Pick<WebhookConfig, "secret_file" | "ca">;

/** The key of a webhook's signature, read again when its file changed; undefined: it signs nothing. Rejects with why. */
export function webhookKey({ secret_file }: Files): () => Promise<string | undefined> {
  if (secret_file === undefined) return () => Promise.resolve(undefined);
  const read = fileText(secret_file, { limit: 64 * 1024 });
  return async () => {
    const { text } = await read().catch((error: NodeJS.ErrnoException) => {
      throw new Error(`its secret_file ${secret_file} can't be read (${error.code ?? error.message})`);
    });
    const key = text.trimEnd();
    if (key === "") throw new Error(`its secret_file ${secret_file} is empty`);
    return key;
  };
}

/** What is wrong with the files that webhooks name. */
export async function webhookFileFaults(webhooks: readonly WebhookConfig[]): Promise<string[]> {
  const looks = webhooks.flatMap((webhook) => [
    { webhook, look: webhookKey(webhook) },
    { webhook, look: () => Promise.resolve(readUpstreamCa(webhook)) },
  ]);
  const faults: string[] = [];
  for (const { webhook, look } of looks)
    try {
      await look();
    } catch (error) {
      faults.push(`the webhook ${webhook.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  return faults;
}
