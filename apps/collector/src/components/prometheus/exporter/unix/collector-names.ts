import { nearest } from "@invar/alloy-syntax";
import { type AbsentCollector, absence, absentCollectors } from "./absent.ts";
import { allCollectors } from "./collectors.ts";

/** Collectors of other operating systems: to enable one changes nothing here. */
const elsewhere = new Set(["boottime", "devstat", "exec", "netisr", "thermal"]);

/** Why a collector can't be enabled; undefined where it can. */
export function whyNot(name: string): string | undefined {
  const names = allCollectors.map((collector) => collector.name);
  if (elsewhere.has(name) || names.includes(name)) return undefined;
  if (isAbsent(name)) return absence(name);
  const near = nearest(name, names);
  return `there is no collector ${JSON.stringify(name)}; ${near === undefined ? `there are ${names.join(", ")}` : `did you mean ${JSON.stringify(near)}?`}`;
}

function isAbsent(name: string): name is AbsentCollector {
  return Object.hasOwn(absentCollectors, name);
}
