/** Go's `strings.ToLower`: character by character, without the special cases of JavaScript. */
export function goLowerCase(text: string): string {
  return mapped(text, (character) => character.toLowerCase());
}

export function goUpperCase(text: string): string {
  return mapped(text, (character) => character.toUpperCase());
}

function mapped(text: string, convert: (character: string) => string): string {
  if (!/[^\0-\x7f]/.test(text)) return convert(text);
  let result = "";
  for (const character of text) {
    const after = convert(character);
    // What becomes several characters in JavaScript stays itself in Go; İ is the one with a simple form.
    result += [...after].length === 1 ? after : character === "\u0130" ? "i" : character;
  }
  return result;
}

/** `some_name` to `SomeName`; of several capitals in a row only the first stays. What is neither letter nor digit goes. */
export function camelCase(text: string): string {
  const trimmed = text.trim() === "ID" ? "id" : text.trim();
  let result = "";
  let capitalizes = true;
  let wasUpper = false;
  for (const character of trimmed) {
    const isUpper = character >= "A" && character <= "Z";
    const isLower = character >= "a" && character <= "z";
    const isDigit = character >= "0" && character <= "9";
    if (isUpper || isLower || isDigit) {
      if (capitalizes) result += character.toUpperCase();
      else result += wasUpper && isUpper ? character.toLowerCase() : character;
      capitalizes = isDigit;
    } else capitalizes = character === "_" || character === " " || character === "-" || character === ".";
    wasUpper = isUpper;
  }
  return result;
}

/** `someName` to `some_name`. */
export function snakeCase(text: string): string {
  const trimmed = text.trim();
  let result = "";
  for (let i = 0; i < trimmed.length; i++) {
    const character = trimmed[i] as string;
    const isUpper = character >= "A" && character <= "Z";
    const isLower = character >= "a" && character <= "z";
    const after = isUpper ? character.toLowerCase() : character;
    const next = trimmed[i + 1];
    if (next !== undefined) {
      const nextIsUpper = next >= "A" && next <= "Z";
      const nextIsLower = next >= "a" && next <= "z";
      const nextIsDigit = next >= "0" && next <= "9";
      if (
        (isUpper && (nextIsLower || nextIsDigit)) ||
        (isLower && (nextIsUpper || nextIsDigit)) ||
        (isDigitOf(character) && (nextIsUpper || nextIsLower))
      ) {
        const previous = trimmed[i - 1];
        if (isUpper && nextIsLower && previous !== undefined && previous >= "A" && previous <= "Z") result += "_";
        result += after;
        if (isLower || isDigitOf(character) || nextIsDigit) result += "_";
        continue;
      }
    }
    result += character === " " || character === "_" || character === "-" || character === "." ? "_" : after;
  }
  return result;
}

function isDigitOf(character: string): boolean {
  return character >= "0" && character <= "9";
}
