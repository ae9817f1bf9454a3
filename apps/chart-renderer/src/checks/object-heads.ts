import type { Finding } from "../finding.ts";
import { type CheckedObject, mapAt, type Rule, textAt } from "./lint-input.ts";
import { objectFinding } from "./object-finding.ts";

/** Helm's rules about the names, selectors and annotations of objects. */
export const objectHeads: Rule = {
  id: "helm/objects",
  summary: "Objects have valid names; workloads have selectors; annotations that Helm reads are where it reads them.",
  check: (input) =>
    input.objects.flatMap((object): Finding[] => {
      const findings: Finding[] = [];
      const problem = nameProblem(object);
      if (problem !== undefined) {
        findings.push(
          objectFinding(input, object, ["metadata", "name"], {
            rule: "helm/objects",
            severity: "warning",
            message: `object name does not conform to Kubernetes naming requirements: ${JSON.stringify(object.name)}: metadata.name: Invalid value: ${JSON.stringify(object.name)}: ${problem}`,
            fix: 'shorten and clean it: {{ … | lower | trunc 63 | trimSuffix "-" }}',
          }),
        );
      }
      const selector = mapAt(mapAt(object.content, "spec"), "selector");
      if (SELECTING.has(object.kind) && !selector.has("matchLabels") && !selector.has("matchExpressions")) {
        findings.push(
          objectFinding(input, object, ["spec"], {
            rule: "helm/objects",
            severity: "error",
            message: `a ${object.kind} must contain matchLabels or matchExpressions, and ${JSON.stringify(object.name)} does not`,
            fix: "write spec.selector.matchLabels with labels of the pod template",
          }),
        );
      }
      if (object.manifest.kind === "List" && mapAt(mapAt(object.content, "metadata"), "annotations").has("helm.sh/resource-policy")) {
        findings.push(
          objectFinding(input, object, ["metadata", "annotations", "helm.sh/resource-policy"], {
            rule: "helm/objects",
            severity: "error",
            message: "Annotation 'helm.sh/resource-policy' within List objects are ignored",
            fix: "write the objects as documents of their own",
          }),
        );
      }
      return findings;
    }),
};

const SELECTING = new Set(["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"]);

const SUBDOMAIN = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const OLD_LABEL = "[a-z]([-a-z0-9]*[a-z0-9])?";

function nameProblem({ kind, content }: CheckedObject): string | undefined {
  const metadata = mapAt(content, "metadata");
  const name = textAt(metadata, "name");
  // The server makes the rest of the name.
  if (name === "" && textAt(metadata, "generateName") !== "") return undefined;
  if (kind === "") return undefined;
  switch (kind.toLowerCase()) {
    case "certificatesigningrequest":
      return undefined;
    case "role":
    case "clusterrole":
    case "rolebinding":
    case "clusterrolebinding":
      if (name === "." || name === "..") return `may not be '${name}'`;
      return ["/", "%"].filter((letter) => name.includes(letter)).map((letter) => `may not contain '${letter}'`)[0];
    case "service":
      return formProblem(
        name,
        63,
        OLD_LABEL,
        `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${OLD_LABEL}')`,
      );
    case "namespace":
      return formProblem(
        name,
        63,
        LABEL,
        `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`,
      );
    default:
      return formProblem(
        name,
        253,
        SUBDOMAIN,
        `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`,
      );
  }
}

function formProblem(name: string, limit: number, pattern: string, message: string): string | undefined {
  if (name.length > limit) return `must be no more than ${limit} characters`;
  return new RegExp(`^${pattern}$`).test(name) ? undefined : message;
}
