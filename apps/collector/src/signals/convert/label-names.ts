/**
 * The name of a Loki label for an attribute's key, or undefined where there is none: letters and digits of ASCII stay, runs of anything else become
 * one underscore.
 */
export function lokiLabel(key: string): string | undefined {
  const isReserved = key.startsWith("__") && key.endsWith("__") && key.length >= 4;
  const name = (isReserved ? key.slice(2, -2) : key).replace(/[^a-zA-Z0-9]+/g, "_");
  const label = isReserved ? `__${name}__` : name;
  if (/^_*$/.test(label)) return undefined;
  return /^[0-9]/.test(label) ? `key_${label}` : label;
}
