import type { GarbagePlan } from "./garbage/plan.ts";

/** How much is measured; `quick` runs only show that the bench works. */
export interface Settings {
  quick: boolean;
  rounds: number;
  /** Per measurement. */
  seconds: number;
  warmup: number;
  /** Tags in the repository whose pages are read. */
  tags: number;
  /** Size of each of the eight huge pushes, bytes. */
  hugeSize: number;
  starts: number;
  /** Of large layers pushed to and pulled from S3, bytes. */
  layerSize: number;
  /** Of the two layers on S3 whose commits are compared. */
  commitSizes: readonly [number, number];
  /** Of the four layers of the image that caches pull, bytes. */
  imageLayer: number;
  /** Images whose layer's first byte is timed. */
  firstBytes: number;
  /** Images of five tiny blobs. */
  images: number;
  /** Clients that pull one image at the same time. */
  crowd: number;
  /** Containers of each kind, one after the other. */
  runs: number;
  /** Images that are pushed and then run. */
  pushRuns: number;
  /** Blobs and manifests among which garbage is collected. */
  garbage: GarbagePlan;
  /** Started at once, or idle at the same time. */
  containers: number;
}

export const mebibyte = 1024 * 1024;

export function settingsFor(
  quick: boolean,
  rounds: number | undefined,
  seconds: number | undefined,
): Settings {
  return quick
    ? {
        quick,
        rounds: rounds ?? 1,
        seconds: seconds ?? 0.5,
        warmup: 0.2,
        tags: 2000,
        hugeSize: 64 * mebibyte,
        starts: 2,
        layerSize: 32 * mebibyte,
        commitSizes: [32 * mebibyte, 256 * mebibyte],
        imageLayer: 16 * mebibyte,
        firstBytes: 3,
        images: 60,
        crowd: 200,
        runs: 2,
        pushRuns: 1,
        containers: 20,
        garbage: { blobs: 5_000, manifests: 500 },
      }
    : {
        quick,
        rounds: rounds ?? 3,
        seconds: seconds ?? 4,
        warmup: 3,
        tags: 100_000,
        hugeSize: 1024 * mebibyte,
        starts: 5,
        layerSize: 256 * mebibyte,
        commitSizes: [256 * mebibyte, 2048 * mebibyte],
        imageLayer: 256 * mebibyte,
        firstBytes: 15,
        images: 1500,
        crowd: 200,
        runs: 10,
        pushRuns: 2,
        containers: 20,
        garbage: { blobs: 1_000_000, manifests: 100_000 },
      };
}
