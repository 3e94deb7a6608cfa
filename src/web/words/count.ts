const numbers = new Intl.NumberFormat("en");

/** `count(1, "tag")` → `1 tag`; `count(1200, "tag")` → `1,200 tags`. */
export function count(of: number, one: string, many = `${one}s`): string {
  return `${numbers.format(of)} ${of === 1 ? one : many}`;
}

export function number(of: number): string {
  return numbers.format(of);
}
