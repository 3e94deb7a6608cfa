/** A GET of a bucket (listings of objects and of uploads) or of an upload's parts. */
export function isList(method: string | undefined, url = ""): boolean {
  return method === "GET" && /[?&](?:list-type|uploads|uploadId)(?:=|&|$)/.test(url);
}

/** The list says that there is more, but not where. */
export function cutList(xml: string): string {
  return truncated(xml, "");
}

/** The list's first `size` entries, and where it goes on, as a server with smaller pages would say it. */
export function shortList(xml: string, size: number): string {
  const entries = [...xml.matchAll(/<(Contents|Upload|Part)>.*?<\/\1>/gs)];
  const last = entries[size - 1]?.[0];
  if (last === undefined || entries.length <= size) return xml;
  const kept = entries.slice(size).reduce((text, [entry]) => text.replace(entry, ""), xml);
  const of = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(last)?.[1] ?? "";
  switch (entries[0]?.[1]) {
    case "Contents":
      return truncated(kept, `<NextContinuationToken>${of("Key")}</NextContinuationToken>`);
    case "Upload":
      return truncated(
        kept,
        `<NextKeyMarker>${of("Key")}</NextKeyMarker><NextUploadIdMarker>${of("UploadId")}</NextUploadIdMarker>`,
      );
    default:
      return truncated(kept, `<NextPartNumberMarker>${of("PartNumber")}</NextPartNumberMarker>`);
  }
}

function truncated(xml: string, next: string): string {
  return xml
    .replaceAll(/<Next\w+>[^<]*<\/Next\w+>|<Next\w+\/>/g, "")
    .replace(/<IsTruncated>\w+<\/IsTruncated>/, `<IsTruncated>true</IsTruncated>${next}`);
}
