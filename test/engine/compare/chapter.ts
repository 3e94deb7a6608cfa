/**
 * Part of one day with docker: command lines for `sh -c`, in order, each of which is run against dockerd and against
 * Berth. A line that begins with `?` only prepares or waits, its output is not compared.
 */
export interface Chapter {
  name: string;
  lines: readonly string[];
}
