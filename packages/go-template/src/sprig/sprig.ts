import type { GoFunction } from "@invar/go-compat";
import { fn, text } from "../function.ts";
import type { FunctionTable } from "../template-set.ts";
import { certificateFunctions } from "./certificates.ts";
import { CRYPTO_FUNCTIONS } from "./crypto.ts";
import { dateFunctions } from "./dates.ts";
import { DEFAULT_FUNCTIONS } from "./defaults.ts";
import { DICT_FUNCTIONS } from "./dicts.ts";
import { LIST_FUNCTIONS } from "./lists.ts";
import { MATH_FUNCTIONS } from "./math.ts";
import { PATH_FUNCTIONS } from "./paths.ts";
import { REGEX_FUNCTIONS } from "./regexes.ts";
import { SEMVER_FUNCTIONS } from "./semver.ts";
import { STRING_FUNCTIONS } from "./strings.ts";
import { URL_FUNCTIONS } from "./urls.ts";

/** What functions may know of the world around the template. */
export interface SprigWorld {
  /** Nanoseconds since 1970. Default: the system's clock. */
  readonly now?: () => bigint;
  /** An environment variable, "" when it is not set. Without it, `env` and `expandenv` do not exist. */
  readonly environment?: (name: string) => string;
  /** An address of a host. Without it, getHostByName gives "". */
  readonly lookUpHost?: (name: string) => string;
}

/** Every function of sprig, by name. */
export function sprigFunctions(world: SprigWorld = {}): FunctionTable {
  const now = world.now ?? systemClock;
  const { lookUpHost, environment } = world;
  return new Map<string, GoFunction>([
    ...Object.entries(STRING_FUNCTIONS),
    ...Object.entries(MATH_FUNCTIONS),
    ...Object.entries(DEFAULT_FUNCTIONS),
    ...Object.entries(LIST_FUNCTIONS),
    ...Object.entries(DICT_FUNCTIONS),
    ...Object.entries(dateFunctions(now)),
    ...Object.entries(REGEX_FUNCTIONS),
    ...Object.entries(SEMVER_FUNCTIONS),
    ...Object.entries(URL_FUNCTIONS),
    ...Object.entries(PATH_FUNCTIONS),
    ...Object.entries(CRYPTO_FUNCTIONS),
    ...Object.entries(certificateFunctions(() => Number(now() / 1_000_000n))),
    ["getHostByName", fn([text], (name) => lookUpHost?.(name) ?? "")],
    ...(environment === undefined ? [] : Object.entries(environmentFunctions(environment))),
  ]);
}

function environmentFunctions(environment: (name: string) => string): Readonly<Record<string, GoFunction>> {
  return { env: fn([text], environment), expandenv: fn([text], (template) => expandVariables(template, environment)) };
}

/** Go's `os.Expand`: `$name`, `${name}`, and the shell's one-letter variables; an open brace without its other half is dropped. */
function expandVariables(template: string, environment: (name: string) => string): string {
  return template.replace(
    /\$(?:\{([^}]*)\}|\{|([*#$@!?\-0-9])|([A-Za-z_][A-Za-z0-9_]*))/g,
    (_, braced?: string, special?: string, name?: string) => {
      const wanted = braced ?? special ?? name ?? "";
      return wanted === "" ? "" : environment(wanted);
    },
  );
}

function systemClock(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
