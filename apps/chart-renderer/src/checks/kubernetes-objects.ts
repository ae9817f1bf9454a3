import type { GoMap } from "@invar/go-compat";
import { GoError } from "@invar/go-compat";
import { objectsOfText } from "../difference/objects.ts";
import type { Finding } from "../finding.ts";
import { checkCustom, customSchemas } from "./kubernetes/custom-resources.ts";
import type { FieldProblem } from "./kubernetes/problem.ts";
import { kindState, nearestVersion } from "./kubernetes/schemas.ts";
import type { CheckedObject, LintInput, Rule } from "./lint-input.ts";
import { objectFinding } from "./object-finding.ts";

const RULE = "kubernetes/object";

/** Objects that the API server of the Kubernetes version, or the definition of a custom resource, does not take. */
export const kubernetesObjects: Rule = {
  id: RULE,
  summary: "Objects are what the Kubernetes version and the custom resource definitions expect.",
  check: (input) => {
    const version = nearestVersion(input.kubeVersion);
    const custom = customSchemas(definitionsOf(input));
    return input.objects.flatMap((object) => objectFindings(input, object, version, custom));
  },
};

function definitionsOf(input: LintInput): GoMap[] {
  const own = input.rendered.crds.flatMap(({ content }) => definitionsIn(content));
  return [...own, ...input.objects.filter(({ kind }) => kind === "CustomResourceDefinition").map(({ content }) => content), ...input.crds];
}

function definitionsIn(text: string): GoMap[] {
  try {
    return objectsOfText(text).map(({ content }) => content);
  } catch (error) {
    // Helm installs such a file unread; what the server says of it is not known here.
    if (error instanceof GoError) return [];
    throw error;
  }
}

function objectFindings(input: LintInput, object: CheckedObject, version: string, custom: ReadonlyMap<string, GoMap>): Finding[] {
  const { apiVersion, kind, content } = object;
  const missing = ["apiVersion", "kind"].find((field) => typeof content.get(field) !== "string" || content.get(field) === "");
  if (missing !== undefined) {
    // A document of nothing but comments is none.
    if (content.size === 0) return [];
    return [
      objectFinding(input, object, [], {
        rule: RULE,
        severity: "error",
        message: `the field ${missing} is required`,
        fix: `write ${missing}`,
      }),
    ];
  }
  const schema = custom.get(`${apiVersion}/${kind}`);
  if (schema !== undefined) return checkCustom(schema, content).map((problem) => finding(input, object, problem));
  const state = kindState(version, apiVersion, kind);
  switch (state.state) {
    case "served":
      return state.check(content).map((problem) => finding(input, object, problem));
    case "elsewhere":
      return [
        objectFinding(input, object, ["apiVersion"], {
          rule: RULE,
          severity: "error",
          message: `Kubernetes ${version} does not serve ${apiVersion} ${kind}; ${state.versions.at(0)} to ${state.versions.at(-1)} do`,
          fix: "choose the version by .Capabilities.APIVersions.Has",
        }),
      ];
    case "unknown":
      return [
        objectFinding(input, object, ["kind"], {
          rule: RULE,
          severity: "error",
          message: `Kubernetes ${version} knows no ${apiVersion} ${kind}`,
          ...(state.suggestion === undefined ? {} : { fix: `write ${state.suggestion.replace(/\/([^/]+)$/, " $1")}` }),
        }),
      ];
    case "foreign":
      return [];
    default:
      return state satisfies never;
  }
}

function finding(input: LintInput, object: CheckedObject, { path, isRefused, message, fix }: FieldProblem): Finding {
  return objectFinding(input, object, path, {
    rule: RULE,
    severity: isRefused ? "error" : "warning",
    message,
    ...(fix === undefined ? {} : { fix }),
  });
}
