import { type LookupAddress, lookup } from "node:dns";
import type { LookupFunction } from "node:net";

/** Resolves names so that each connection begins with another of their addresses. */
export function rotatingLookup(resolve: typeof lookup = lookup): LookupFunction {
  let turn = 0;
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) return callback(error, "", 0);
      const start = turn++ % Math.max(addresses.length, 1);
      const rotated = [...addresses.slice(start), ...addresses.slice(0, start)];
      if (options.all === true) return callback(null, rotated);
      callback(null, rotated[0]?.address ?? "", rotated[0]?.family);
    });
  };
}
