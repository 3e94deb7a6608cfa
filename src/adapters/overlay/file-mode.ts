const kinds = new Map<number, number>([
  [0o040000, 2 ** 31],
  [0o120000, 2 ** 27],
  [0o060000, 2 ** 26],
  [0o020000, 2 ** 26 + 2 ** 21],
  [0o010000, 2 ** 25],
  [0o140000, 2 ** 24],
]);

/** st_mode as Go's os.FileMode. */
export function fileMode(mode: number): number {
  let result = (mode & 0o777) + (kinds.get(mode & 0o170000) ?? 0);
  if ((mode & 0o4000) !== 0) result += 2 ** 23;
  if ((mode & 0o2000) !== 0) result += 2 ** 22;
  if ((mode & 0o1000) !== 0) result += 2 ** 20;
  return result;
}
