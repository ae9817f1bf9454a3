import type { Host } from "../scope.ts";
import { type FunctionValue, type ObjectValue, objectOf, type Value } from "../value.ts";
import { coalesce, combineMaps, concat, groupBy } from "./arrays.ts";
import {
  fromBase64,
  fromJson,
  fromUrlBase64,
  fromYaml,
  jsonPath,
  toBase64,
  toJson,
  toUrlBase64,
  urlDecode,
  urlEncode,
} from "./encodings.ts";
import { format } from "./format.ts";
import { defineFunction, deprecated, textArgument } from "./function.ts";
import { nonsensitive } from "./secrets.ts";
import { join, lower, pathJoin, replace, split, trim, trimPrefix, trimSpace, trimSuffix, upper } from "./texts.ts";

/** The names that every configuration knows: namespaces, functions, and the old global functions, marked as deprecated. */
export function standardLibrary(host: Host): ObjectValue {
  const env = defineFunction({ name: "sys.env", arity: 1, call: (args) => host.env(textArgument(args, 0)) ?? "" });
  const namespaces: Record<string, Record<string, Value>> = {
    array: { concat, combine_maps: combineMaps, group_by: groupBy },
    constants: { hostname: host.hostname, os: host.os, arch: host.arch, version: host.version },
    convert: { nonsensitive },
    encoding: {
      from_json: fromJson,
      from_yaml: fromYaml,
      from_base64: fromBase64,
      from_URLbase64: fromUrlBase64,
      to_json: toJson,
      to_base64: toBase64,
      to_URLbase64: toUrlBase64,
      url_encode: urlEncode,
      url_decode: urlDecode,
    },
    file: { path_join: pathJoin },
    string: {
      format,
      join,
      replace,
      split,
      to_lower: lower,
      to_upper: upper,
      trim,
      trim_prefix: trimPrefix,
      trim_suffix: trimSuffix,
      trim_space: trimSpace,
    },
    sys: { env },
  };
  const old: Record<string, FunctionValue> = {
    env,
    nonsensitive,
    concat,
    json_decode: fromJson,
    yaml_decode: fromYaml,
    base64_decode: fromBase64,
    format,
    join,
    replace,
    split,
    to_lower: lower,
    to_upper: upper,
    trim,
    trim_prefix: trimPrefix,
    trim_suffix: trimSuffix,
    trim_space: trimSpace,
  };
  return objectOf([
    ["coalesce", coalesce],
    ["json_path", jsonPath],
    ...Object.entries(namespaces).map(([name, members]): [string, Value] => [name, objectOf(Object.entries(members))]),
    ...Object.entries(old).map(([name, current]): [string, Value] => [name, deprecated(name, current)]),
  ]);
}

/** What the incumbent says where a deprecated function is used. */
export const DEPRECATED_FUNCTION_MESSAGE =
  "this stdlib function is deprecated; please refer to the documentation for updated usage and alternatives";
