/** The high and critical holes that an audit's JSON names, or why there was no answer to read. */
export function readAudit(output: string): { holes: string[]; unanswered?: string } {
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch {
    // The client prints prose instead of JSON when the registry has no audit endpoint or cannot be reached.
    return { holes: [], unanswered: complaintOf(output) };
  }
  if (!isRecord(answer) || !isRecord(answer.advisories)) return { holes: [], unanswered: "the answer holds no advisories" };
  const holes = Object.values(answer.advisories).flatMap((advisory) => {
    if (!isRecord(advisory) || !grave.has(String(advisory.severity))) return [];
    return [`${advisory.severity}: ${advisory.module_name}: ${advisory.title} (${advisory.url})`];
  });
  return { holes };
}

const grave = new Set(["high", "critical"]);

function complaintOf(output: string): string {
  const lines = output.trim().split("\n");
  return lines.find((line) => line.startsWith("Error")) ?? (lines[0] || "no answer");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
