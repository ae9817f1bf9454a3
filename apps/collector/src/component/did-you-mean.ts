import { nearest } from "@invar/alloy-syntax";

/** The hint for a name that is not known, where one of the candidates is near. */
export function didYouMean(name: string, candidates: readonly string[]): string | undefined {
  const near = nearest(name, candidates);
  return near === undefined ? undefined : `did you mean ${JSON.stringify(near)}?`;
}
