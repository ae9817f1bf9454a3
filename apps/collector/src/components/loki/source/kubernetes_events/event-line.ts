import { quote } from "@invar/go-compat";
import type { WireObject } from "../../../../kubernetes/kind.ts";

export type LogFormat = "logfmt" | "json";

/** An event as the API server writes it. */
export interface WireEvent extends WireObject {
  readonly involvedObject?: {
    readonly kind?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly apiVersion?: string;
    readonly resourceVersion?: string;
  };
  readonly action?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly type?: string;
  readonly count?: number;
  readonly reportingComponent?: string;
  readonly reportingInstance?: string;
  readonly source?: { readonly component?: string; readonly host?: string };
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

/** The line of an event; undefined where it is about nothing. Absent fields are left out, the message never is. */
export function eventLine(event: WireEvent, format: LogFormat): string | undefined {
  const { involvedObject: object = {}, source = {} } = event;
  if (!object.name) return undefined;
  const all: readonly (readonly [string, string | number | undefined])[] = [
    ["name", object.name],
    ["kind", object.kind],
    ["action", event.action],
    ["objectAPIversion", object.apiVersion],
    ["objectRV", object.resourceVersion],
    ["eventRV", event.metadata?.resourceVersion],
    ["reportinginstance", event.reportingInstance],
    ["reportingcontroller", event.reportingComponent],
    ["sourcecomponent", source.component],
    ["sourcehost", source.host],
    ["reason", event.reason],
    ["type", event.type],
    ["count", event.count],
  ];
  const present = all.filter(([, value]) => value !== undefined && value !== "" && value !== 0);
  const message = event.message ?? "";
  // The text ends in a blank, as the incumbent's does: patterns of users may count on it.
  if (format === "logfmt") return `${present.map(([key, value]) => `${key}=${value} `).join("")}msg=${quote(message)} `;
  const sorted = [...present, ["msg", message] as const].sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(Object.fromEntries(sorted)).replace(/[<>&\u2028\u2029]/g, escaped);
}

/** When it happened: seconds and nanoseconds since the epoch. */
export function eventTime({ lastTimestamp, eventTime: moment }: WireEvent): { readonly seconds: number; readonly nanos: number } {
  const text = lastTimestamp || moment || "";
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return { seconds: 0, nanos: 0 };
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? "";
  return { seconds: Math.floor(ms / 1000), nanos: Number(fraction.padEnd(9, "0")) };
}

/** Go's JSON leaves none of these in a text. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
