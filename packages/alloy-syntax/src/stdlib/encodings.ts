import { createRequire } from "node:module";
import { bytesFromText, quote, textFromBytes } from "@invar/go-compat";
import { asString } from "../convert.ts";
import { isObject, Secret, type Value } from "../value.ts";
import { decodeBase64 } from "./base64.ts";
import { defineFunction, failure, inArgument, textArgument } from "./function.ts";
import { parseJson, printJson } from "./json.ts";
import { selectByJsonPath } from "./json-path.ts";

export const fromJson = defineFunction({ name: "encoding.from_json", arity: 1, call: (args) => parseJson(textArgument(args, 0), Number) });

const load = createRequire(import.meta.url);

// Few configurations read YAML.
const readYaml = () => load("./yaml.ts") as typeof import("./yaml.ts");

export const fromYaml = defineFunction({
  name: "encoding.from_yaml",
  arity: 1,
  call: (args) => readYaml().parseYaml(textArgument(args, 0)),
});

/** The incumbent's result is an array of byte values that turns into text wherever text is wanted; ours is text from the start. */
export const fromBase64 = defineFunction({
  name: "encoding.from_base64",
  arity: 1,
  call: (args) => textFromBytes(decodeBase64(textArgument(args, 0), "base64")),
});

export const fromUrlBase64 = defineFunction({
  name: "encoding.from_URLbase64",
  arity: 1,
  call: (args) => textFromBytes(decodeBase64(textArgument(args, 0), "base64url")),
});

/** A secret inside of the object makes the whole text secret. */
export const toJson = defineFunction({
  name: "encoding.to_json",
  arity: 1,
  call(args) {
    const value = args[0] ?? null;
    if (value === null || !isObject(value)) throw failure("jsonEncode only supports map");
    const { text, isSecret } = printJson(value);
    return isSecret ? new Secret(text) : text;
  },
});

export const toBase64 = defineFunction({
  name: "encoding.to_base64",
  arity: 1,
  call: (args) => Buffer.from(bytesFromText(textArgument(args, 0))).toString("base64"),
});

/** URL-safe letters, with padding. */
export const toUrlBase64 = defineFunction({
  name: "encoding.to_URLbase64",
  arity: 1,
  call(args) {
    const standard = Buffer.from(bytesFromText(textArgument(args, 0))).toString("base64");
    return standard.replaceAll("+", "-").replaceAll("/", "_");
  },
});

/** For the query of a URL: a space becomes a plus sign. */
export const urlEncode = defineFunction({
  name: "encoding.url_encode",
  arity: 1,
  call(args) {
    let encoded = "";
    for (const byte of bytesFromText(textArgument(args, 0))) {
      const character = String.fromCharCode(byte);
      if (/[A-Za-z0-9._~-]/.test(character)) encoded += character;
      else encoded += character === " " ? "+" : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    }
    return encoded;
  },
});

export const urlDecode = defineFunction({
  name: "encoding.url_decode",
  arity: 1,
  call(args) {
    const bytes = Buffer.from(bytesFromText(textArgument(args, 0)));
    const wrong = /%(?![0-9a-fA-F]{2})/.exec(bytes.toString("latin1"));
    if (wrong !== null) throw failure(`invalid URL escape ${quote(textFromBytes(bytes.subarray(wrong.index, wrong.index + 3)))}`);
    const decoded = bytes
      .toString("latin1")
      .replaceAll("+", " ")
      .replaceAll(/%([0-9a-fA-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
    return textFromBytes(Buffer.from(decoded, "latin1"));
  },
});

/** Whole numbers of the JSON text stay whole here, unlike in `encoding.from_json`. */
export const jsonPath = defineFunction({
  name: "json_path",
  arity: 2,
  call(args): Value {
    const json = textArgument(args, 0);
    const path = inArgument(1, [], () => asString(args[1] ?? null));
    return selectByJsonPath(json, path);
  },
});
