import { nearest } from "@invar/alloy-syntax";
import type { Finding } from "../finding.ts";
import { keyText } from "../values/key-path.ts";
import type { Rule } from "./lint-input.ts";
import { layerPlace, type UnreadKey, unreadKeys } from "./values-layers.ts";

/** Values that nobody reads and whose names are near to one that the chart has. */
export const misspeltValues: Rule = {
  id: "values/misspelt",
  summary: "A value is written like one that the chart has.",
  check: (input) => unreadKeys(input).flatMap(finding),
};

function finding(key: UnreadKey): Finding[] {
  const meant = meantName(key);
  if (meant === undefined) return [];
  const { layer, path } = key;
  return [
    {
      rule: "values/misspelt",
      severity: "warning",
      message: `no template reads the value ${keyText(path)}; the chart has ${keyText([...path.slice(0, -1), meant])}`,
      ...layerPlace(layer, path),
      valuesKey: keyText(path),
      fix: `write ${meant}`,
    },
  ];
}

/** The name that an unread key was probably meant to have. */
export function meantName({ path, siblings, isDeclared, layer }: UnreadKey): string | undefined {
  if (isDeclared) return undefined;
  const name = path.at(-1) as string;
  const beside = new Set([...layer.values.keys()]);
  const candidates = path.length === 1 ? siblings.filter((one) => !beside.has(one)) : siblings;
  return nearest(name, candidates) ?? candidates.find((one) => simple(one) === simple(name)) ?? nearestBeginning(name, candidates);
}

function simple(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}

// `replicas` for `replicaCount`: one name begins the other.
function nearestBeginning(name: string, candidates: readonly string[]): string | undefined {
  const short = name.toLowerCase().replace(/s$/, "");
  if (short.length < 4) return undefined;
  const found = candidates.filter((one) => one.toLowerCase().startsWith(short) || short.startsWith(one.toLowerCase()));
  return found.length === 1 && (found[0] as string).length >= 4 ? found[0] : undefined;
}
