import { createHash } from "node:crypto";
import type { Finding } from "./detector.ts";

export interface Redaction {
  /** With `$SECRET_NAME` and `$SECRET_HASH`; empty: a part of the secret stays. */
  readonly template: string;
  /** How much of the secret goes. */
  readonly percent: number;
}

export const DEFAULT_PERCENT = 80;

/** The line without its secrets. */
export function redact(line: string, findings: readonly Finding[], redaction: Redaction): string {
  let redacted = line;
  // An empty secret would stand between all characters.
  for (const finding of findings)
    if (finding.secret !== "") redacted = redacted.replaceAll(finding.secret, () => replacementOf(finding, redaction));
  return redacted;
}

function replacementOf({ rule, secret }: Finding, { template, percent }: Redaction): string {
  if (template !== "")
    return template
      .replaceAll("$SECRET_NAME", () => rule)
      .replaceAll("$SECRET_HASH", () => createHash("sha1").update(secret).digest("hex"));
  if (percent >= 100) return "REDACTED";
  const bytes = Buffer.from(secret);
  const kept = roundToEven((bytes.length * (100 - percent)) / 100);
  // A character that would be cut in two goes as a whole.
  return `${bytes.toString("utf8", 0, kept).replace(/\ufffd+$/, "")}...`;
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
