import type { Finding } from "../finding.ts";
import { checkConfiguration } from "./collector/check-configuration.ts";
import { type CheckedObject, type LintInput, mapAt, type Rule } from "./lint-input.ts";
import { objectFinding } from "./object-finding.ts";

/** Mistakes in configurations of the collector that ConfigMaps hold. */
export const collectorConfiguration: Rule = {
  id: "collector/configuration",
  summary: "Configurations of the collector in ConfigMaps are right: syntax, components, arguments, references.",
  check: (input) => input.objects.filter(({ kind }) => kind === "ConfigMap").flatMap((object) => configMapFindings(input, object)),
};

function configMapFindings(input: LintInput, object: CheckedObject): Finding[] {
  return [...mapAt(object.content, "data")].flatMap(([key, text]) => {
    if (!key.endsWith(".alloy") || typeof text !== "string") return [];
    const isLiteral = text.includes("\n");
    return checkConfiguration(text).map(({ line, severity, message, fix }) =>
      objectFinding(input, object, ["data", key], {
        rule: "collector/configuration",
        severity,
        message: `line ${line}: ${message}`,
        below: isLiteral ? line : 0,
        ...(fix === undefined ? {} : { fix }),
      }),
    );
  });
}
