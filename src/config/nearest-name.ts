/**
 * The name that was probably meant: the one with the fewest single-letter edits, or undefined when even
 * that one differs in more than a third of its letters.
 */
export function nearestName(written: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let fewest = Infinity;
  for (const name of names) {
    const edits = editDistance(written.toLowerCase(), name.toLowerCase());
    if (edits < fewest && edits <= Math.ceil(name.length / 3)) {
      nearest = name;
      fewest = edits;
    }
  }
  return nearest;
}

/** `; did you mean "NAME"?` or nothing, to end a message with. */
export function didYouMean(written: string, names: Iterable<string>): string {
  const name = nearestName(written, names);
  return name === undefined ? "" : `; did you mean "${name}"?`;
}

function editDistance(a: string, b: string): number {
  // A hostile key may be a megabyte long; no name of ours is, so it is near none of them.
  if (Math.abs(a.length - b.length) > 20) return Infinity;
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replace, above[j]! + 1, row[j - 1]! + 1));
    }
    above = row;
  }
  return above[b.length]!;
}
