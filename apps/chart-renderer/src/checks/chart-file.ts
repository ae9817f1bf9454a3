import type { GoMap, GoValue } from "@invar/go-compat";
import type { Finding } from "../finding.ts";
import { yamlLines } from "../yaml/lines.ts";
import { readYamlMap } from "../yaml/read.ts";
import { listAt, type Rule, textAt } from "./lint-input.ts";

/** Helm's rules about Chart.yaml. */
export const chartFile: Rule = {
  id: "helm/chart-file",
  summary: "Chart.yaml has what a chart needs, in the right form.",
  check: (input) => {
    const lines = yamlLines(input.chartText);
    return problemsOf(input.chartText === "" ? input.chart.metadata : readYamlMap(input.chartText)).map(
      ({ message, key, severity = "error", fix }) => ({
        rule: "helm/chart-file",
        severity,
        message,
        place: { file: `${input.chart.name}/Chart.yaml`, line: lines.get(key) ?? 1 },
        ...(fix === undefined ? {} : { fix }),
      }),
    );
  },
};

interface Problem {
  readonly message: string;
  readonly key: string;
  readonly severity?: Finding["severity"];
  readonly fix?: string;
}

function problemsOf(metadata: GoMap): Problem[] {
  const apiVersion = textAt(metadata, "apiVersion");
  return [
    ...apiVersionProblems(apiVersion),
    ...["version", "appVersion"].flatMap((key) => typeProblems(metadata, key)),
    ...listAt(metadata, "maintainers").flatMap(maintainerProblems),
    ...listAt(metadata, "sources")
      .filter((source) => typeof source !== "string" || !isUrl(source))
      .map((source) => ({ message: `invalid source URL '${String(source)}'`, key: "sources" })),
    ...iconProblems(textAt(metadata, "icon")),
    ...versionOneProblems(metadata, apiVersion),
  ];
}

function apiVersionProblems(apiVersion: string): Problem[] {
  if (apiVersion === "v1" || apiVersion === "v2") return [];
  return [
    {
      message: `apiVersion '${apiVersion}' is not valid. The value must be either "v1" or "v2"`,
      key: "apiVersion",
      fix: "write apiVersion: v2",
    },
  ];
}

function typeProblems(metadata: GoMap, key: string): Problem[] {
  const value = metadata.get(key);
  if (value === undefined || value === null || typeof value === "string") return [];
  const type =
    typeof value === "number"
      ? "float64"
      : typeof value === "boolean"
        ? "bool"
        : Array.isArray(value)
          ? "[]interface {}"
          : "map[string]interface {}";
  return [{ message: `${key} should be of type string but it's of type ${type}`, key, fix: `put the ${key} between quotes` }];
}

function maintainerProblems(maintainer: GoValue): Problem[] {
  const key = "maintainers";
  if (!(maintainer instanceof Map)) return [];
  const [name, email, url] = ["name", "email", "url"].map((field) => textAt(maintainer, field)) as [string, string, string];
  if (name === "") return [{ message: "each maintainer requires a name", key }];
  if (email !== "" && !/^[^\s@<>()[\]]+@[^\s@<>()[\]]+\.[^\s@<>()[\].]+$/.test(email))
    return [{ message: `invalid email '${email}' for maintainer '${name}'`, key }];
  return url === "" || isUrl(url) || isUrl(`https://${url}`) ? [] : [{ message: `invalid url '${url}' for maintainer '${name}'`, key }];
}

function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && URL.canParse(text);
}

function iconProblems(icon: string): Problem[] {
  if (icon === "") return [{ message: "icon is recommended", key: "name", severity: "info" }];
  return isUrl(icon) || icon.startsWith("data:") ? [] : [{ message: `invalid icon URL '${icon}'`, key: "icon" }];
}

function versionOneProblems(metadata: GoMap, apiVersion: string): Problem[] {
  if (apiVersion === "v2") return [];
  const problems: Problem[] = [];
  if (textAt(metadata, "type") !== "") {
    problems.push({ message: `chart type is not valid in apiVersion '${apiVersion}'. It is valid in apiVersion 'v2'`, key: "type" });
  }
  return problems;
}
