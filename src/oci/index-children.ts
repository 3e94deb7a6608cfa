import { parseStrictJson } from "./strict-json.ts";

/** What an index says of its children for people, beside their descriptors. image-spec image-index.md. */
export interface IndexChild {
  /** `linux/arm64/v8`; undefined: it says none. */
  platform: string | undefined;
  annotations: Record<string, string>;
}

const maxDepth = 100;
const longestWord = 64;

/** In the order of `manifests`; nothing where the bytes are no index. What is malformed is left out. */
export function indexChildren(bytes: Uint8Array): IndexChild[] {
  const json = parseStrictJson(new TextDecoder().decode(bytes), maxDepth);
  const list = "value" in json ? fieldsOf(json.value).manifests : undefined;
  if (!Array.isArray(list)) return [];
  return (list as unknown[]).map((entry) => {
    const { platform, annotations } = fieldsOf(entry);
    return { platform: platformText(fieldsOf(platform)), annotations: textsOf(annotations) };
  });
}

/** Os, architecture and variant as one writes them. */
export function platformText({ os, architecture, variant }: Record<string, unknown>): string | undefined {
  const words = [os, architecture, variant].filter((word) => typeof word === "string" && word !== "");
  if (typeof os !== "string" || typeof architecture !== "string" || words.length < 2) return undefined;
  return words.map((word) => String(word).slice(0, longestWord)).join("/");
}

function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
