import { digestOf, type Digest } from "#oci/digest.ts";

/** What stands for each layer together with all below it, base first. image-spec config.md "Layer ChainID". */
export function chainIds(diffIds: readonly Digest[]): Digest[] {
  const chain: Digest[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(
      below === undefined ? diffId : digestOf("sha256", new TextEncoder().encode(`${below} ${diffId}`)),
    );
  }
  return chain;
}
