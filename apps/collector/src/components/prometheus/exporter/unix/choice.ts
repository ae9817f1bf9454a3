/** Which collectors the user wants. */
export interface Choice {
  readonly set_collectors: readonly string[] | undefined;
  readonly enable_collectors: readonly string[];
  readonly disable_collectors: readonly string[];
}

/** Whether one runs: of the set, or by default, or enabled beside these; a disabled one never. */
export function isChosen(name: string, isDefault: boolean, choice: Choice): boolean {
  const { set_collectors: set, enable_collectors: enabled, disable_collectors: disabled } = choice;
  if (disabled.includes(name)) return false;
  const isInSet = set === undefined || set.length === 0 ? isDefault : set.includes(name);
  return isInSet || enabled.includes(name);
}
