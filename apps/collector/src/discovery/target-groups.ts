import { parse as parseYaml } from "yaml";
import { type Target, target } from "./targets.ts";

/** Groups of targets as `file_sd` and `http_sd` write them; the text of a wrong one says where it is. */
export function readTargetGroups(text: string, format: "json" | "yaml", extra: Target): Target[] {
  const groups: unknown = format === "json" ? JSON.parse(text) : parseYaml(text);
  if (groups === null || groups === undefined) return [];
  if (!Array.isArray(groups)) throw new Error("a list of target groups was expected");
  return groups.flatMap((group: unknown, index) => targetsOf(group, index, extra));
}

function targetsOf(group: unknown, index: number, extra: Target): Target[] {
  if (typeof group !== "object" || group === null) throw new Error(`target group ${index} is empty: an object with targets was expected`);
  const { targets = [], labels: shared = {}, ...unknown } = group as Record<string, unknown>;
  const [surplus] = Object.keys(unknown);
  if (surplus !== undefined)
    throw new Error(`target group ${index} has a field ${JSON.stringify(surplus)}: only targets and labels are known`);
  if (!Array.isArray(targets)) throw new Error(`targets of group ${index} must be a list`);
  const common = labelsOf(shared ?? {}, index);
  return targets.map((address: unknown) => {
    if (typeof address !== "string") throw new Error(`group ${index} has a target that is not text`);
    return target({ ...common, ...extra, __address__: address });
  });
}

function labelsOf(value: unknown, index: number): Target {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`labels of group ${index} must be an object`);
  const labelsOfGroup: Record<string, string> = {};
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string") throw new Error(`label ${JSON.stringify(name)} of group ${index} is not text`);
    labelsOfGroup[name] = text;
  }
  return labelsOfGroup;
}
