const MiB = 1024 * 1024;

/** What S3 demands of a part that isn't the last. */
export const leastPart = 5 * MiB;
/** The largest part that S3 takes. */
export const mostPart = 5 * 1024 * MiB;
/** Parts of one multipart upload. */
export const mostParts = 10_000;

/** Parts double in size after so many, so that few small ones and 10,000 in all reach the largest object. */
const doubledAfter = 900;

export interface PartSizes {
  /** Bytes of the first parts. */
  readonly first: number;
  /** Bytes of a full part, numbered from 1. */
  full(number: number): number;
  /** The fewest bytes that may become a part of their own at the end of a request. */
  least(number: number): number;
  /** The largest blob, bytes. */
  readonly reach: number;
}

/**
 * The sizes of an upload's parts. They grow with the part's number, from `first` on (5 TiB and more are
 * reached from every first size); with `fixed` all are equal but the last one, as some servers demand.
 */
export function createPartSizes(first: number, fixed: boolean): PartSizes {
  const growth = (number: number) => (fixed ? 1 : 2 ** Math.floor((number - 1) / doubledAfter));
  const full = (number: number) => Math.min(mostPart, first * growth(number));
  let reach = 0;
  for (let number = 1; number <= mostParts; number++) reach += full(number);
  return {
    first,
    full,
    // Grows as well: else requests of 5 MiB each would use all numbers up at 50 GB.
    least: (number) => (fixed ? first : Math.min(full(number), leastPart * growth(number))),
    reach,
  };
}
