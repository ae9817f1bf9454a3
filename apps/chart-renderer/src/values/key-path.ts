/** `a.b\.c[0]` as its parts. */
export function keySteps(key: string): string[] {
  const steps: string[] = [];
  for (const match of key.matchAll(/\[(\d+)\]|((?:\\.|[^.[\\])+)/g)) steps.push(match[1] ?? (match[2] as string).replaceAll("\\.", "."));
  return steps;
}

/** The parts as a key again: `a.b\.c`. */
export function keyText(steps: readonly string[]): string {
  return steps.map((step) => step.replaceAll(".", "\\.")).join(".");
}
