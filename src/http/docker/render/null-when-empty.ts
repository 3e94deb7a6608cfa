/** Docker writes most lists that hold nothing as null. */
export function nullWhenEmpty<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}
