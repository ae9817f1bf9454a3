import type { ComponentContext } from "../../../../component/context.ts";
import type { MetadataRequest } from "./metadata-request.ts";

/** What detectors look at; tests bring their own. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The content of a file; undefined where there is none. */
  readonly readText: (path: string) => Promise<string | undefined>;
  readonly request: MetadataRequest;
  readonly serviceAccountFolder: string;
  readonly context: Pick<ComponentContext, "clock" | "log" | "peers">;
}

export type DetectedValue = string | number | readonly string[];

export interface Detected {
  /** Of these the ones that the configuration enables are added. */
  readonly attributes: Readonly<Record<string, DetectedValue | undefined>>;
  /** Added as they are: tags, labels. */
  readonly extra?: Readonly<Record<string, DetectedValue>>;
  /** The attributes are not of OpenTelemetry's conventions. */
  readonly hasNoSchema?: true;
}

/** The arguments of a detector's block. */
export interface DetectorSettings {
  readonly resource_attributes?: Readonly<Record<string, { readonly enabled: boolean } | undefined>>;
  readonly [argument: string]: unknown;
}

/**
 * Finds out about the surroundings. Undefined: they are of another kind. Throws `Unavailable` where nobody answers, which is an error only where the user
 * said so, and other errors where what is there can't be read.
 */
export type Detector = (
  surroundings: Surroundings,
  settings: DetectorSettings & { readonly isEnabled: (attribute: string) => boolean },
  signal: AbortSignal,
) => Promise<Detected | undefined>;

/** Tells which texts one of the patterns is found in. */
export function matches(patterns: readonly RegExpLike[], text: string): boolean {
  return patterns.some((pattern) => pattern.test(text));
}

interface RegExpLike {
  test(text: string): boolean;
}

/** A member of parsed JSON, as text; the empty text where it is absent. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  let at = value;
  for (const key of path) at = typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined;
  return typeof at === "string" ? at : typeof at === "number" ? String(at) : "";
}
