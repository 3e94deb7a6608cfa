import { lookup as systemLookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import type { Lookup } from "./upstream-parts.ts";

/** Of a host, none of whose addresses may be dialled. */
export class AddressRefused extends Error {
  readonly host: string;
  readonly addresses: readonly string[];

  constructor(host: string, addresses: readonly string[]) {
    super(`${host} is ${addresses.join(", ")}: not public, and not allowed`);
    this.name = "AddressRefused";
    this.host = host;
    this.addresses = addresses;
  }
}

export const lookupBySystem: Lookup = (hostname) => systemLookup(hostname, { all: true });

/**
 * What a socket resolves its host with: it gets only addresses that may be dialled, so nothing can change
 * between check and use. A literal isn't looked up: see `checkLiteral`.
 */
export function checkedLookup(lookup: Lookup, mayDial: (address: string) => boolean): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname).then(
      (found) => {
        const wanted = options.family === 4 || options.family === 6 ? options.family : undefined;
        const usable = found.filter(
          ({ address, family }) => mayDial(address) && (wanted === undefined || family === wanted),
        );
        const [first] = usable;
        if (first === undefined) {
          const addresses = found.map(({ address }) => address);
          done(new AddressRefused(hostname, addresses), "", 0);
        } else if (options.all === true) done(null, usable);
        else done(null, first.address, first.family);
      },
      (error: unknown) => done(error as NodeJS.ErrnoException, "", 0),
    );
  };
}

/** The fault of a host that is itself an address which may not be dialled. @param hostname without brackets */
export function literalFault(
  hostname: string,
  mayDial: (address: string) => boolean,
): AddressRefused | undefined {
  return isIP(hostname) !== 0 && !mayDial(hostname) ? new AddressRefused(hostname, [hostname]) : undefined;
}
