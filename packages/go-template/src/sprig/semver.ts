import { type GoFunction, type GoType, type GoValue, pointerTo, STRING, Typed, UINT64 } from "@invar/go-compat";
import { fn, text } from "../function.ts";
import { satisfies } from "./constraint.ts";
import { compareVersions, formatVersion, parseVersion, type Version } from "./version.ts";

/** Semantic versions: parsed ones have methods, `{{ (semver "1.2.3").Major }}`. */
export const SEMVER_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  semver: fn([text], (version) => new Typed(VERSION_POINTER, structOf(parseVersion(version)))),
  semverCompare: fn([text, text], satisfies),
};

function method(call: (version: Version) => GoValue): GoFunction {
  return { params: [], isVariadic: false, call: (receiver) => call(versionOf(receiver as GoValue)) };
}

function uint64(value: bigint): Typed {
  return new Typed(UINT64, value);
}

/** The version behind a struct or a pointer to one. */
function versionOf(value: GoValue): Version {
  const { type, raw } = value as Typed;
  return type.kind === "ptr" ? versionOf(raw as Typed) : (raw as unknown as Version);
}

function structOf(version: Version): Typed {
  return new Typed(VERSION, version as unknown as GoValue);
}

function withPrefix(version: Version, changed: Omit<Version, "original">): Typed {
  const prefix = version.original.startsWith("v") ? "v" : "";
  return structOf({ ...changed, original: prefix + formatVersion({ ...changed, original: "" }) });
}

const plain = { prerelease: "", metadata: "" } as const;

const VERSION: GoType = {
  name: "semver.Version",
  kind: "struct",
  text: (value) => formatVersion(versionOf(value)),
  encoded: (value) => formatVersion(versionOf(value)),
  methods: {
    String: method(formatVersion),
    Major: method((version) => uint64(version.major)),
    Minor: method((version) => uint64(version.minor)),
    Patch: method((version) => uint64(version.patch)),
    Prerelease: method((version) => version.prerelease),
    Metadata: method((version) => version.metadata),
    IncPatch: method((version) =>
      withPrefix(version, { ...version, ...plain, patch: version.patch + (version.prerelease === "" ? 1n : 0n) }),
    ),
    IncMinor: method((version) => withPrefix(version, { ...version, ...plain, minor: version.minor + 1n, patch: 0n })),
    IncMajor: method((version) => withPrefix(version, { ...plain, major: version.major + 1n, minor: 0n, patch: 0n })),
    SetPrerelease: setter((version, prerelease) => ({ ...version, prerelease })),
    SetMetadata: setter((version, metadata) => ({ ...version, metadata })),
  },
};

function setter(change: (version: Version, value: string) => Version): GoFunction {
  return {
    params: [STRING],
    isVariadic: false,
    call: (receiver, value) => {
      const version = versionOf(receiver as GoValue);
      const changed = change(version, value as string);
      // The library checks the part; parsing the whole does.
      parseVersion(formatVersion(changed));
      return withPrefix(version, changed);
    },
  };
}

const comparisons: Record<string, GoFunction> = {};

const VERSION_POINTER: GoType = pointerTo(VERSION, {
  text: (value) => formatVersion(versionOf(value)),
  encoded: (value) => formatVersion(versionOf(value)),
  methods: comparisons,
});

function comparison(answer: (order: number) => GoValue): GoFunction {
  return {
    params: [VERSION_POINTER],
    isVariadic: false,
    call: (receiver, other) => answer(compareVersions(versionOf(receiver as GoValue), versionOf(other as GoValue))),
  };
}

Object.assign(comparisons, {
  Original: method((version) => version.original),
  Compare: comparison((order) => BigInt(order)),
  Equal: comparison((order) => order === 0),
  LessThan: comparison((order) => order < 0),
  LessThanEqual: comparison((order) => order <= 0),
  GreaterThan: comparison((order) => order > 0),
  GreaterThanEqual: comparison((order) => order >= 0),
});
