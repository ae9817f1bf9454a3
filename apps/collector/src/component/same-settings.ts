import { Secret } from "@invar/alloy-syntax";

/** Whether two decoded blocks say the same. Handlers of other components are the same only where they are the same object. */
export function sameSettings(one: unknown, two: unknown): boolean {
  if (Object.is(one, two)) return true;
  if (one instanceof Secret && two instanceof Secret) return one.reveal() === two.reveal();
  if (Array.isArray(one) && Array.isArray(two)) return one.length === two.length && one.every((each, i) => sameSettings(each, two[i]));
  if (!isPlain(one) || !isPlain(two)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(two).length && keys.every((key) => sameSettings(one[key], two[key]));
}

/** An object that was decoded, not one with a life of its own. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return false;
  return Object.values(value).every((each) => typeof each !== "function");
}
