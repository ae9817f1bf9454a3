/** A time as `grpc-timeout` says it: at most eight digits and a unit. */
export function timeoutText(ms: number): string {
  const microseconds = Math.ceil(ms * 1000);
  if (microseconds < 1e8) return `${microseconds}u`;
  const milliseconds = Math.ceil(ms);
  return milliseconds < 1e8 ? `${milliseconds}m` : `${Math.min(Math.ceil(ms / 1000), 99_999_999)}S`;
}

/** The same in milliseconds; undefined where the text is no such time. */
export function parseTimeout(text: string): number | undefined {
  const match = /^([0-9]{1,8})([HMSmun])$/.exec(text);
  return match === null ? undefined : Number(match[1]) * (unitMs[match[2] ?? ""] ?? 0);
}

const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
