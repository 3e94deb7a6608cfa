/**
 * JSON as a registry must read it: two readers of one document have to see the same thing. JSON.parse
 * takes the last of two equal keys, other parsers the first, so duplicates are refused
 * (CVE-2021-41190 shows what a difference of opinion costs); so is nesting deeper than `maxDepth`.
 */
export function parseStrictJson(text: string, maxDepth: number): { value: unknown } | { fault: string } {
  if (text.charCodeAt(0) === 0xfeff) return { fault: "it begins with a byte order mark" };
  const shape = findFault(text, maxDepth);
  if (shape !== undefined) return { fault: shape };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return {
      fault: `it is not JSON: ${error instanceof Error ? error.message.slice(0, 200) : "unreadable"}`,
    };
  }
}

/** One pass over the text; assumes nothing about its validity, JSON.parse judges that afterwards. */
function findFault(text: string, maxDepth: number): string | undefined {
  // One entry for each open bracket: the keys seen in an object, undefined for an array.
  const open: (Set<string> | undefined)[] = [];
  let expectKey = false;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: {
        const end = endOfString(text, i);
        if (end < 0) return "a string does not end";
        if (expectKey) {
          const key = unquote(text.slice(i, end + 1));
          const keys = open.at(-1);
          if (key !== undefined && keys !== undefined) {
            if (keys.has(key))
              return `the key ${JSON.stringify(key.slice(0, 100))} stands twice in one object`;
            keys.add(key);
          }
          expectKey = false;
        }
        i = end;
        break;
      }
      case 0x7b:
        open.push(new Set());
        expectKey = true;
        break;
      case 0x5b:
        open.push(undefined);
        expectKey = false;
        break;
      case 0x7d:
      case 0x5d:
        open.pop();
        expectKey = false;
        break;
      case 0x2c:
        expectKey = open.at(-1) !== undefined;
        break;
      default:
    }
    if (open.length > maxDepth) return `it is nested deeper than ${maxDepth} levels`;
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5c) i++;
    else if (code === 0x22) return i;
  }
  return -1;
}

function unquote(quoted: string): string | undefined {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}
