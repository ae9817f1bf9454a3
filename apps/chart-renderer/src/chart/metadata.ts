import { type GoMap, type GoValue, quote } from "@invar/go-compat";
import { decodeTyped, type Shape, type StructShape } from "../yaml/typed.ts";
import { ChartError } from "./chart.ts";

/** Reads Chart.yaml, or what requirements.yaml adds to it. Throws `GoError`. */
export function readMetadata(value: GoValue): GoMap {
  return decodeTyped(value, METADATA);
}

/** Throws `ChartError` for metadata that no chart may have; gives them without characters that nobody sees. */
export function validatedMetadata(metadata: GoMap): GoMap {
  const clean: GoMap = new Map([...metadata].map(([key, value]) => [key, SANITIZED.has(key) ? sanitized(value) : value]));
  const text = (key: string): string => (clean.get(key) as string | undefined) ?? "";
  if (text("apiVersion") === "") refuse("chart.metadata.apiVersion is required");
  const name = text("name");
  if (name === "") refuse("chart.metadata.name is required");
  if (name === "." || name === "..") refuse(`chart.metadata.name ${quote(name)} is not allowed`);
  if (name.includes("/")) refuse(`chart.metadata.name ${quote(name)} is invalid`);
  const version = text("version");
  if (version === "") refuse("chart.metadata.version is required");
  if (!VERSION.test(version)) refuse(`chart.metadata.version ${quote(version)} is invalid`);
  if (!["", "application", "library"].includes(text("type"))) refuse("chart.metadata.type must be application or library");
  for (const maintainer of listOf(clean, "maintainers")) {
    if (maintainer === null) refuse("maintainers must not contain empty or null nodes");
  }
  checkDependencies(listOf(clean, "dependencies"));
  return clean;
}

function checkDependencies(dependencies: readonly GoValue[]): void {
  const names = new Set<string>();
  for (const dependency of dependencies) {
    if (!(dependency instanceof Map)) refuse("dependencies must not contain empty or null nodes");
    const name = (dependency.get("name") as string | undefined) ?? "";
    const alias = (dependency.get("alias") as string | undefined) ?? "";
    if (alias !== "" && !/^[a-zA-Z0-9_-]+$/.test(alias)) refuse(`dependency ${quote(name)} has disallowed characters in the alias`);
    const key = alias === "" ? name : alias;
    if (names.has(key)) refuse(`more than one dependency with name or alias ${quote(key)}`);
    names.add(key);
  }
}

function refuse(problem: string): never {
  throw new ChartError(`validation: ${problem}`);
}

function listOf(map: GoMap, key: string): readonly GoValue[] {
  const value = map.get(key);
  return Array.isArray(value) ? value : [];
}

function sanitized(value: GoValue): GoValue {
  if (Array.isArray(value)) return value.map(sanitized);
  return typeof value === "string" ? value.replace(/\s/gu, " ").replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "") : value;
}

const SANITIZED = new Set("name description home icon condition tags appVersion kubeVersion sources keywords".split(" "));
const VERSION = /^v?\d+(?:\.\d+)?(?:\.\d+)?(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

const TEXTS: Shape = { list: "string", type: "[]string" };

const MAINTAINER: StructShape = {
  struct: "Maintainer",
  type: "chart.Maintainer",
  fields: { name: "string", email: "string", url: "string" },
};

const DEPENDENCY: StructShape = {
  struct: "Dependency",
  type: "chart.Dependency",
  fields: {
    name: "string",
    version: "string",
    repository: "string",
    condition: "string",
    tags: TEXTS,
    enabled: "bool",
    "import-values": { list: "any", type: "[]interface {}" },
    alias: "string",
  },
};

const METADATA: StructShape = {
  struct: "Metadata",
  type: "chart.Metadata",
  fields: {
    name: "string",
    home: "string",
    sources: TEXTS,
    version: "string",
    description: "string",
    keywords: TEXTS,
    maintainers: { list: MAINTAINER, type: "[]*chart.Maintainer" },
    icon: "string",
    apiVersion: "string",
    condition: "string",
    tags: "string",
    appVersion: "string",
    deprecated: "bool",
    annotations: { mapOf: "string", type: "map[string]string" },
    kubeVersion: "string",
    dependencies: { list: DEPENDENCY, type: "[]*chart.Dependency" },
    type: "string",
  },
};
