import { type Static, type TObject, type TProperties, type TSchema, Type } from "@sinclair/typebox";

// The words in which values are described. Each carries its sentence for the reference and its default; what has no default is absent
// until a user sets it.

/** A text; "" means that it is not set. */
export const text = (description: string, byDefault = "") => Type.String({ description, default: byDefault });

/** A duration as the collector's language writes it, such as `60s` or `1h30m`; "" means that the component's own default holds. */
export const duration = (description: string, byDefault = "") =>
  Type.String({ description, default: byDefault, pattern: DURATION, ...say("a duration such as 30s or 1h30m") });

export const flag = (description: string, byDefault = false) => Type.Boolean({ description, default: byDefault });

export const integer = (description: string, byDefault: number, limits: { minimum?: number; maximum?: number } = {}) =>
  Type.Integer({ description, default: byDefault, ...limits });

/** A number that is absent until it is set. */
export const amount = (description: string) => Type.Number({ description });

/** What Kubernetes takes as a text or a number: ports, percentages, quantities. */
export const textOrNumber = (description: string, byDefault?: string | number) =>
  Type.Union([Type.String(), Type.Number()], byDefault === undefined ? { description } : { description, default: byDefault });

export const choice = <const Values extends readonly string[]>(description: string, values: Values, byDefault: Values[number]) =>
  Type.Unsafe<Values[number]>(Type.String({ description, enum: [...values], default: byDefault }));

export const texts = (description: string, byDefault: string[] = []) => list(description, Type.String(), byDefault);

export const list = <Of extends TSchema>(description: string, of: Of, byDefault: Static<Of>[] = []) =>
  Type.Array(of, { description, default: byDefault });

/** Names that the user chooses, each with a value. */
export const table = <Of extends TSchema>(description: string, of: Of, byDefault: Record<string, Static<Of>> = {}) =>
  Type.Unsafe<Record<string, Static<Of>>>(Type.Object({}, { description, default: byDefault, additionalProperties: of }));

/** Labels, headers and their like: a text, number or truth value for each name. */
export const labels = (description: string, byDefault: Record<string, string | number | boolean> = {}) =>
  table(description, Type.Union([Type.String(), Type.Number(), Type.Boolean()]), byDefault);

/** Keys that are all listed here; any other fails. */
export const section = <Properties extends TProperties>(description: string, properties: Properties): TObject<Properties> =>
  Type.Object(properties, { description, additionalProperties: false });

/** An object of Kubernetes' own, checked by its schema in the rendered manifests and not here. */
export const kubernetes = (description: string, byDefault: Readonly<Record<string, unknown>> = {}) =>
  Type.Unsafe<Record<string, unknown>>(Type.Object({}, { description, default: byDefault, additionalProperties: true }));

/** A list of objects of Kubernetes' own. */
export const kubernetesList = (description: string, byDefault: readonly unknown[] = []) =>
  Type.Unsafe<unknown[]>(Type.Array(Type.Any(), { description, default: byDefault }));

const DURATION = "^$|^([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h|d|w|y))+$";

/** What the reference and the checks of the chart say that a pattern means. */
function say(meaning: string): { "x-meaning": string } {
  return { "x-meaning": meaning };
}
