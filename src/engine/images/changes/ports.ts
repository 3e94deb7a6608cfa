import { refused } from "./words.ts";

/** `80`, `80/udp`, `90-92` → the ports one by one, as configs name them. */
export function readPorts(text: string): string[] {
  const [range = "", protocol = "tcp", more] = text.toLowerCase().split("/");
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range) ?? [];
  if (first === undefined || last === undefined || more !== undefined)
    refused(`Invalid containerPort: ${text}`);
  if (!["tcp", "udp", "sctp"].includes(protocol)) refused(`Invalid proto: ${protocol}`);
  const [from, to] = [Number(first), Number(last)];
  if (to < from || to > 65_535) refused(`Invalid containerPort: ${text}`);
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}/${protocol}`);
}
