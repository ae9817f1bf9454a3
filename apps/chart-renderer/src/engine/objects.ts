import {
  ANY,
  BYTE_SLICE,
  formatValue,
  GoError,
  type GoFunction,
  type GoMap,
  type GoType,
  type GoValue,
  pointerTo,
  rawOf,
  STRING,
  STRING_SLICE,
  sliceOf,
  stringSlice,
  Typed,
  textFromBytes,
} from "@invar/go-compat";
import type { Chart, ChartFile, Dependency } from "../chart/chart.ts";
import { globPattern } from "../chart/file-pattern.ts";
import { listAt, textAt } from "../chart/load-chart.ts";
import type { HelmVersion } from "../helm-version.ts";
import { DEFAULT_HELM_VERSION, isHelm4 } from "../helm-version.ts";
import { tableAt } from "../values/tables.ts";
import { writeYaml } from "../yaml/write.ts";
import { type Capabilities, DEFAULT_KUBE_VERSIONS } from "./capabilities.ts";
import { toYaml } from "./functions.ts";

/** `.Values`: the map itself, so that what templates write into it stays for the next ones. */
export function valuesObject(values: GoMap, helmVersion: HelmVersion = DEFAULT_HELM_VERSION): Typed {
  return new Typed(isHelm4(helmVersion) ? VALUES_4 : VALUES, values);
}

/** `.Files`. */
export function filesObject(files: readonly ChartFile[], helmVersion: HelmVersion): Typed {
  return new Typed(isHelm4(helmVersion) ? FILES_4 : FILES, new Map(files.map(({ name, data }) => [name, data])));
}

/** `.Chart`: a struct in Helm 3, a map with the struct's names in Helm 4. */
export function chartObject(chart: Chart, isRoot: boolean, helmVersion: HelmVersion): GoValue {
  const fields = chartFields(chart, isRoot);
  return isHelm4(helmVersion) ? new Map([...fields].map(([name, value]) => [name, asMaps(value)])) : new Typed(CHART, fields);
}

/** Structs and lists as Helm 4 turns them into maps and lists of anything. */
function asMaps(value: GoValue): GoValue {
  if (!(value instanceof Typed)) return value;
  const { type, raw } = value;
  if (type.kind === "ptr") return asMaps(raw as GoValue);
  if (type.kind === "struct") return new Map([...(raw as GoMap)].map(([name, field]) => [name, asMaps(field)]));
  return type.kind === "slice" ? ((raw ?? []) as readonly GoValue[]).map(asMaps) : value;
}

function chartFields(chart: Chart, isRoot: boolean): Map<string, GoValue> {
  const { metadata } = chart;
  const plain = (key: string): readonly [string, GoValue] => [capitalized(key), textAt(metadata, key)];
  return new Map<string, GoValue>([
    ...["name", "home", "version", "description", "icon", "condition", "tags", "appVersion", "kubeVersion", "type"].map(plain),
    ["APIVersion", textAt(metadata, "apiVersion")],
    ["Sources", texts(metadata, "sources")],
    ["Keywords", texts(metadata, "keywords")],
    [
      "Maintainers",
      new Typed(
        MAINTAINERS,
        listAt(metadata, "maintainers").map((one) => maintainer(one)),
      ),
    ],
    ["Deprecated", metadata.get("deprecated") === true],
    ["Annotations", annotations(metadata.get("annotations") ?? null)],
    ["Dependencies", new Typed(DEPENDENCIES, chart.declared.length === 0 ? null : chart.declared.map(dependency))],
    ["IsRoot", isRoot],
  ]);
}

/** `.Capabilities`. */
export function capabilitiesObject({ kubeVersion, fullKubeVersion, major, minor, apiVersions, helmVersion }: Capabilities): Typed {
  const types = isHelm4(helmVersion) ? TYPES_4 : TYPES_3;
  const cluster = new Typed(
    types.kubeVersion,
    new Map<string, GoValue>([
      ["Version", fullKubeVersion],
      ...(isHelm4(helmVersion) ? ([["normalizedVersion", kubeVersion]] as const) : []),
      ["Major", major],
      ["Minor", minor],
    ]),
  );
  const build = new Map<string, GoValue>([
    ["Version", `v${helmVersion}`],
    ["GitCommit", ""],
    ["GitTreeState", ""],
    ["GoVersion", GO_VERSION],
    ...(isHelm4(helmVersion) ? ([["KubeClientVersion", DEFAULT_KUBE_VERSIONS[helmVersion].replace(/\.0$/, "")]] as const) : []),
  ]);
  return new Typed(
    types.pointer,
    new Typed(
      types.capabilities,
      new Map<string, GoValue>([
        ["KubeVersion", cluster],
        ["APIVersions", new Typed(types.versionSet, apiVersions)],
        ["HelmVersion", new Typed(BUILD_INFO, build)],
      ]),
    ),
  );
}

const GO_VERSION = "go1.26.8";

function method(params: readonly GoType[], call: (receiver: Typed, ...args: GoValue[]) => GoValue): GoFunction {
  return { params, isVariadic: false, call: (receiver, ...args) => call(receiver as Typed, ...args) };
}

const VALUES: GoType = {
  name: "chartutil.Values",
  kind: "map",
  key: STRING,
  elem: ANY,
  methods: {
    AsMap: method([], (values) => values.raw as GoMap),
    YAML: method([], (values) => writeYaml(values)),
    Table: method([STRING], (values, path) => {
      const table = tableAt(values.raw as GoMap, path as string);
      if (table === undefined) throw new GoError(`"${path}" is not a table`);
      return new Typed(VALUES, table);
    }),
    PathValue: method([STRING], (values, path) => pathValue(values.raw as GoMap, path as string)),
  },
};

const VALUES_4: GoType = { ...VALUES, name: "common.Values" };

function pathValue(values: GoMap, path: string): GoValue {
  const dot = path.lastIndexOf(".");
  const table = dot < 0 ? values : tableAt(values, path.slice(0, dot));
  const value = table?.get(path.slice(dot + 1));
  if (value === undefined || value instanceof Map) throw new GoError(`"${path}" is not a value`);
  return value;
}

const FILES: GoType = {
  name: "engine.files",
  kind: "map",
  key: STRING,
  elem: BYTE_SLICE,
  methods: {
    GetBytes: method([STRING], (files, name) => fileData(files, name) ?? new Uint8Array()),
    Get: method([STRING], (files, name) => fileText(files, name)),
    Glob: method([STRING], (files, pattern) => new Typed(FILES, matching(files, pattern as string))),
    AsConfig: method([], (files) => toYaml(byBase(files, textFromBytes))),
    AsSecrets: method([], (files) => toYaml(byBase(files, (data) => Buffer.from(data).toString("base64")))),
    Lines: method([STRING], (files, name) => lines(fileText(files, name))),
  },
};

const FILES_4: GoType = {
  ...FILES,
  methods: {
    ...FILES.methods,
    Glob: method([STRING], (files, pattern) => new Typed(FILES_4, matching(files, pattern as string))),
    Lines: method([STRING], (files, name) => {
      const content = fileText(files, name);
      if (content === "" && fileData(files, name) !== undefined) throw new GoError("runtime error: index out of range [-1]");
      return lines(content);
    }),
  },
};

function matching(files: Typed, pattern: string): Map<string, GoValue> {
  const matcher = globPattern(pattern) ?? /^/;
  return new Map([...filesOf(files)].filter(([name]) => matcher.test(name)));
}

function lines(content: string): Typed {
  return stringSlice(content === "" ? [] : content.replace(/\n$/, "").split("\n"));
}

function filesOf(files: Typed): ReadonlyMap<string, Uint8Array> {
  return files.raw as ReadonlyMap<string, GoValue> as ReadonlyMap<string, Uint8Array>;
}

function fileData(files: Typed, name: GoValue | undefined): Uint8Array | undefined {
  return filesOf(files).get(name as string);
}

function fileText(files: Typed, name: GoValue | undefined): string {
  const data = fileData(files, name);
  return data === undefined ? "" : textFromBytes(data);
}

function byBase(files: Typed, form: (data: Uint8Array) => string): GoMap {
  return new Map([...filesOf(files)].map(([name, data]) => [name.slice(name.lastIndexOf("/") + 1), form(data)]));
}

const CHART_FIELDS = [
  "Name",
  "Home",
  "Sources",
  "Version",
  "Description",
  "Keywords",
  "Maintainers",
  "Icon",
  "APIVersion",
  "Condition",
  "Tags",
  "AppVersion",
  "Deprecated",
  "Annotations",
  "KubeVersion",
  "Dependencies",
  "Type",
] as const;

const METADATA: GoType = { name: "chart.Metadata", kind: "struct", fields: CHART_FIELDS };

const CHART: GoType = {
  name: "struct { chart.Metadata; IsRoot bool }",
  kind: "struct",
  fields: [...CHART_FIELDS, "IsRoot"],
  // Go prints the struct that is embedded as one of its own.
  text: (chart) => {
    const fields = chart.raw as ReadonlyMap<string, GoValue>;
    const embedded = new Map(CHART_FIELDS.map((field) => [field, fields.get(field) ?? null]));
    return `{${formatValue(new Typed(METADATA, embedded))} ${fields.get("IsRoot")}}`;
  },
  encoded: (chart) => {
    const fields = chart.raw as ReadonlyMap<string, GoValue>;
    const named = CHART_FIELDS.map((field) => [jsonName(field), fields.get(field) ?? null] as const);
    return inOrder([...named.filter(([, value]) => !isEmpty(value)), ["IsRoot", fields.get("IsRoot") ?? null]]);
  },
};

const MAINTAINER: GoType = {
  name: "chart.Maintainer",
  kind: "struct",
  fields: ["Name", "Email", "URL"],
  encoded: (value) => {
    const fields = value.raw as ReadonlyMap<string, GoValue>;
    return inOrder([...fields].filter(([, field]) => field !== "").map(([name, field]) => [name.toLowerCase(), field]));
  },
};
const MAINTAINER_POINTER = pointerTo(MAINTAINER);

function maintainer(value: GoValue): GoValue {
  const map = value instanceof Map ? value : new Map<string, GoValue>();
  const fields = [
    ["Name", textAt(map, "name")],
    ["Email", textAt(map, "email")],
    ["URL", textAt(map, "url")],
  ] as const;
  return new Typed(MAINTAINER_POINTER, new Typed(MAINTAINER, new Map<string, GoValue>(fields)));
}

const MAINTAINERS = sliceOf(MAINTAINER_POINTER);

const DEPENDENCY: GoType = {
  name: "chart.Dependency",
  kind: "struct",
  fields: ["Name", "Version", "Repository", "Condition", "Tags", "Enabled", "ImportValues", "Alias"],
  encoded: (value) => {
    const fields = value.raw as ReadonlyMap<string, GoValue>;
    const named = [...fields].map(([name, field]) => [name === "ImportValues" ? "import-values" : name.toLowerCase(), field] as const);
    return inOrder(named.filter(([name, field]) => name === "name" || name === "repository" || !isEmpty(field)));
  },
};
const DEPENDENCY_POINTER = pointerTo(DEPENDENCY);
const DEPENDENCIES = sliceOf(DEPENDENCY_POINTER);

function dependency({ name, version, repository, condition, tags, importValues, alias }: Dependency): GoValue {
  const fields: readonly (readonly [string, GoValue])[] = [
    ["Name", name],
    ["Version", version],
    ["Repository", repository],
    ["Condition", condition],
    ["Tags", stringSlice(tags)],
    ["Enabled", true],
    ["ImportValues", [...importValues]],
    ["Alias", alias],
  ];
  return new Typed(DEPENDENCY_POINTER, new Typed(DEPENDENCY, new Map<string, GoValue>(fields)));
}

function texts(map: GoMap, key: string): Typed {
  return map.has(key) ? stringSlice(listAt(map, key).filter((one) => typeof one === "string")) : new Typed(STRING_SLICE, null);
}

const STRING_MAP: GoType = { name: "map[string]string", kind: "map", key: STRING, elem: STRING };

function annotations(value: GoValue): Typed {
  return new Typed(STRING_MAP, value instanceof Map ? value : null);
}

function jsonName(field: string): string {
  return field === "APIVersion" ? "apiVersion" : (field[0] as string).toLowerCase() + field.slice(1);
}

function capitalized(name: string): string {
  return (name[0] as string).toUpperCase() + name.slice(1);
}

function isEmpty(value: GoValue): boolean {
  const raw = rawOf(value);
  return raw === null || raw === "" || raw === false || (Array.isArray(raw) && raw.length === 0) || (raw instanceof Map && raw.size === 0);
}

const KUBE_VERSION: GoType = {
  name: "chartutil.KubeVersion",
  kind: "struct",
  fields: ["Version", "Major", "Minor"],
  text: (version) => fieldText(version, "Version"),
  methods: {
    String: method([], (version) => fieldText(version, "Version")),
    GitVersion: method([], (version) => fieldText(version, "Version")),
  },
};

const KUBE_VERSION_4: GoType = {
  name: "common.KubeVersion",
  kind: "struct",
  fields: ["Version", "Major", "Minor"],
  text: (version) => fieldText(version, "normalizedVersion"),
  encoded: (version) => inOrder([...(version.raw as GoMap)].filter(([name]) => name !== "normalizedVersion")),
  methods: {
    String: method([], (version) => fieldText(version, "normalizedVersion")),
    GitVersion: method([], (version) => fieldText(version, "Version")),
  },
};

function fieldText(struct: Typed, name: string): string {
  return (struct.raw as ReadonlyMap<string, GoValue>).get(name) as string;
}

const VERSION_SET: GoType = {
  name: "chartutil.VersionSet",
  kind: "slice",
  elem: STRING,
  methods: { Has: method([STRING], (set, version) => (set.raw as readonly GoValue[]).includes(version as GoValue)) },
};

const BUILD_INFO: GoType = {
  name: "version.BuildInfo",
  kind: "struct",
  fields: ["Version", "GitCommit", "GitTreeState", "GoVersion", "KubeClientVersion"],
  encoded: (info) => {
    const names = new Map([
      ["Version", "version"],
      ["GitCommit", "git_commit"],
      ["GitTreeState", "git_tree_state"],
      ["GoVersion", "go_version"],
      ["KubeClientVersion", "kube_client_version"],
    ]);
    const fields = [...(info.raw as ReadonlyMap<string, GoValue>)].filter(([, value]) => value !== "");
    return inOrder(fields.map(([name, value]) => [names.get(name) as string, value]));
  },
};

const CAPABILITIES: GoType = { name: "chartutil.Capabilities", kind: "struct", fields: ["KubeVersion", "APIVersions", "HelmVersion"] };

const CAPABILITIES_4: GoType = { ...CAPABILITIES, name: "common.Capabilities" };

const TYPES_3 = { kubeVersion: KUBE_VERSION, versionSet: VERSION_SET, capabilities: CAPABILITIES, pointer: pointerTo(CAPABILITIES) };
const TYPES_4 = {
  kubeVersion: KUBE_VERSION_4,
  versionSet: { ...VERSION_SET, name: "common.VersionSet" },
  capabilities: CAPABILITIES_4,
  pointer: pointerTo(CAPABILITIES_4),
};

/** `.Release` and other plain maps. */
export function plainMap(entries: Readonly<Record<string, GoValue>>): GoMap {
  return new Map(Object.entries(entries));
}

/** JSON with its fields in this order, which that of a map would not be. */
function inOrder(fields: readonly (readonly [string, GoValue])[]): Typed {
  return new Typed({ name: "struct", kind: "struct" }, new Map(fields));
}
