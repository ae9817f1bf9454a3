import type { Finding } from "../finding.ts";

/** Findings for programs. */
export function findingsJson(findings: readonly Finding[]): string {
  return `${JSON.stringify({ findings }, undefined, 2)}\n`;
}
