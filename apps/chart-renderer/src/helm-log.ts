import { quote } from "@invar/go-compat";
import { type HelmVersion, isHelm4 } from "./helm-version.ts";

/** What Helm says of a chart and goes on, in the words of either major version. */
export interface LogEntry {
  readonly helm3: string;
  readonly helm4: string;
}

/** Takes what Helm logs. */
export type Warn = (entry: LogEntry) => void;

/** One text for both: Helm 3 puts the place in its source before it, Helm 4 a level. */
export function printed(place: string, text: string): LogEntry {
  return { helm3: `${place}: ${text}`, helm4: logLine("INFO", text) };
}

export function textOfEntry({ helm3, helm4 }: LogEntry, version: HelmVersion): string {
  return isHelm4(version) ? helm4 : helm3;
}

/** A line of Helm 4's log. */
export function logLine(level: "INFO" | "WARN" | "ERROR", message: string, fields: Readonly<Record<string, string>> = {}): string {
  const parts = Object.entries({ msg: message, ...fields }).map(([key, value]) => `${key}=${isPlain(value) ? value : quote(value)}`);
  return `level=${level} ${parts.join(" ")}`;
}

function isPlain(value: string): boolean {
  return /^[!#-<>-~]+$/.test(value);
}
