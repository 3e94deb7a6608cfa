/** What Berth must reach, in one run: a row's value against another server's, another row's, or a number. */
export interface Target {
  row: string;
  kind: "at-least" | "at-most";
  of: { server: string } | { row: string } | { value: "row" | "peak-memory" };
  /** A ratio for servers and rows; in the row's unit for its value, bytes for memory. */
  limit: number;
}

const distribution = "distribution-3";
const debian = "distribution-2";
const zot = "zot";

/** Values of a row alone; those of `cache-images` are what others publish. */
const values: readonly [row: string, kind: Target["kind"], limit: number][] = [
  ["cache-cold", "at-most", 1.05],
  ["cache-first-byte", "at-most", 1.2],
  ["cache-cold-link", "at-most", 1.05],
  ["cache-first-byte-link", "at-most", 1.2],
  ["cache-crowd-failed", "at-most", 0],
  ["cache-crowd-upstream", "at-most", 1.001],
  ["cache-crowd-first", "at-most", 1.2],
  ["cache-crowd-median", "at-most", 1.2],
  ["cache-images-cold", "at-least", 320],
  ["cache-images-warm", "at-least", 1800],
  ["engine-idle-memory", "at-most", 5],
  ["gc-memory", "at-most", 300],
];

/** How much of another engine's time. */
const times: readonly [row: string, server: string, ratio: number][] = [
  ["engine-run-none", "dockerd", 0.5],
  ["engine-run-bridge", "dockerd", 0.5],
  ["engine-run-port", "dockerd", 0.5],
  ["engine-exec", "dockerd", 0.8],
  ["engine-push-run", "dockerd", 0.5],
];

const ratios: readonly [row: string, server: string, ratio: number][] = [
  ["manifest-get", distribution, 2.5],
  ["manifest-get", zot, 1.2],
  ["manifest-get-token", debian, 8],
  ["manifest-get-token", distribution, 2],
  ["nginx-get-1m", "nginx", 0.9],
  ["nginx-get-1m", debian, 2],
  ["nginx-get-64m", "nginx", 0.9],
  ["nginx-get-64m", debian, 2],
  ["blob-head", distribution, 1.5],
  ["blob-head", zot, 1.5],
  ["blob-get-1m", distribution, 1.5],
  ["blob-get-1m", zot, 0.8],
  ["blob-get-64m", distribution, 0.9],
  ["blob-get-64m", zot, 0.9],
  ["cache-warm-tag", debian, 5],
  ["cache-warm-tag", distribution, 5],
  ["push-small", distribution, 4],
  ["push-small", zot, 2],
  ["push-patch", distribution, 1.2],
  ["push-patch", zot, 1.2],
  ["push-monolithic", distribution, 1.2],
  ["push-monolithic", zot, 1.2],
  ...["patch-64m", "put-64m", "patch-256m-c1", "patch-256m-c4", "put-256m-c1", "put-256m-c4"].flatMap(
    (row): [string, string, number][] => [
      [`s3-${row}`, debian, 1.5],
      [`s3-${row}`, distribution, 1.3],
    ],
  ),
];

export const targets: readonly Target[] = [
  ...ratios.map(([row, server, limit]): Target => ({ row, kind: "at-least", of: { server }, limit })),
  ...times.map(([row, server, limit]): Target => ({ row, kind: "at-most", of: { server }, limit })),
  ...values.map(([row, kind, limit]): Target => ({ row, kind, of: { value: "row" }, limit })),
  // "Flat": one page costs what the other costs, but for the noise of a short measurement.
  { row: "tag-page-last", kind: "at-least", of: { row: "tag-page-first" }, limit: 0.8 },
  // A commit on S3 names parts and copies nothing; the list of eight times as many parts takes a little longer.
  { row: "s3-commit-2g", kind: "at-most", of: { row: "s3-commit-256m" }, limit: 1.5 },
  { row: "gc-push", kind: "at-most", of: { row: "gc-idle-push" }, limit: 1.5 },
  { row: "start", kind: "at-most", of: { value: "row" }, limit: 1000 },
  // Counted as PSS: what the processes take from the machine together.
  { row: "push-huge", kind: "at-most", of: { value: "peak-memory" }, limit: 250e6 },
];
