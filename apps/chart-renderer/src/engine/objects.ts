import {
  ANY,
  BYTE_SLICE,
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
import { tableAt } from "../values/tables.ts";
import { writeYaml } from "../yaml/write.ts";
import type { Capabilities, HelmVersion } from "./capabilities.ts";
import { toYaml } from "./functions.ts";

/** `.Values`: the map itself, so that what templates write into it stays for the next ones. */
export function valuesObject(values: GoMap, helmVersion: HelmVersion = "3.22"): Typed {
  return new Typed(helmVersion === "3.22" ? VALUES : VALUES_4, values);
}

/** `.Files`. */
export function filesObject(files: readonly ChartFile[]): Typed {
  return new Typed(FILES, new Map(files.map(({ name, data }) => [name, data])));
}

/** `.Chart`. */
export function chartObject(chart: Chart, isRoot: boolean): Typed {
  const { metadata } = chart;
  const plain = (key: string): readonly [string, GoValue] => [capitalized(key), textAt(metadata, key)];
  const fields = new Map<string, GoValue>([
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
  return new Typed(CHART, fields);
}

/** `.Capabilities`. */
export function capabilitiesObject({ kubeVersion, major, minor, apiVersions, helmVersion }: Capabilities): Typed {
  const cluster = new Typed(
    KUBE_VERSION,
    new Map<string, GoValue>([
      ["Version", kubeVersion],
      ["Major", major],
      ["Minor", minor],
    ]),
  );
  const build = new Map<string, GoValue>([
    ["Version", helmVersion],
    ["GitCommit", ""],
    ["GitTreeState", ""],
    ["GoVersion", GO_VERSION],
  ]);
  return new Typed(
    CAPABILITIES_POINTER,
    new Typed(
      CAPABILITIES,
      new Map<string, GoValue>([
        ["KubeVersion", cluster],
        ["APIVersions", new Typed(VERSION_SET, apiVersions)],
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
    Glob: method([STRING], (files, pattern) => {
      const matcher = globPattern(pattern as string) ?? /^/;
      return new Typed(FILES, new Map([...filesOf(files)].filter(([name]) => matcher.test(name))));
    }),
    AsConfig: method([], (files) => toYaml(byBase(files, textFromBytes))),
    AsSecrets: method([], (files) => toYaml(byBase(files, (data) => Buffer.from(data).toString("base64")))),
    Lines: method([STRING], (files, name) => {
      const content = fileText(files, name);
      return stringSlice(content === "" ? [] : content.replace(/\n$/, "").split("\n"));
    }),
  },
};

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

const CHART: GoType = {
  name: "struct { chart.Metadata; IsRoot bool }",
  kind: "struct",
  fields: [...CHART_FIELDS, "IsRoot"],
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
  text: kubeVersionText,
  methods: { String: method([], kubeVersionText), GitVersion: method([], kubeVersionText) },
};

function kubeVersionText(version: Typed): string {
  return (version.raw as ReadonlyMap<string, GoValue>).get("Version") as string;
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
  fields: ["Version", "GitCommit", "GitTreeState", "GoVersion"],
  encoded: (info) => {
    const names = new Map([
      ["Version", "version"],
      ["GitCommit", "git_commit"],
      ["GitTreeState", "git_tree_state"],
      ["GoVersion", "go_version"],
    ]);
    const fields = [...(info.raw as ReadonlyMap<string, GoValue>)].filter(([, value]) => value !== "");
    return inOrder(fields.map(([name, value]) => [names.get(name) as string, value]));
  },
};

const CAPABILITIES: GoType = { name: "chartutil.Capabilities", kind: "struct", fields: ["KubeVersion", "APIVersions", "HelmVersion"] };
const CAPABILITIES_POINTER = pointerTo(CAPABILITIES);

/** `.Release` and other plain maps. */
export function plainMap(entries: Readonly<Record<string, GoValue>>): GoMap {
  return new Map(Object.entries(entries));
}

/** JSON with its fields in this order, which that of a map would not be. */
function inOrder(fields: readonly (readonly [string, GoValue])[]): Typed {
  return new Typed({ name: "struct", kind: "struct" }, new Map(fields));
}
