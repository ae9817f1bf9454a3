import type { CheckedObject, Rule } from "./lint-input.ts";
import { objectFinding } from "./object-finding.ts";

/** Objects that overwrite one another. */
export const duplicateObjects: Rule = {
  id: "kubernetes/duplicate-object",
  summary: "No two objects have the same kind, namespace and name.",
  check: (input) => {
    const first = new Map<string, CheckedObject>();
    return input.objects.flatMap((object) => {
      if (object.name === "" || object.manifest.events.length > 0) return [];
      const group = object.apiVersion.includes("/") ? object.apiVersion.split("/")[0] : "";
      const identity = `${group}/${object.kind}/${object.namespace}/${object.name}`;
      const before = first.get(identity);
      if (before === undefined) {
        first.set(identity, object);
        return [];
      }
      return [
        objectFinding(input, object, ["metadata", "name"], {
          rule: "kubernetes/duplicate-object",
          severity: "error",
          message: `${before.manifest.path}:${before.lineOf(["metadata", "name"])} writes an object of the same kind and name`,
          fix: "give one of them another name, or write it once",
        }),
      ];
    });
  },
};
