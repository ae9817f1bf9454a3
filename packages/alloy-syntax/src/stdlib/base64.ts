import { failure } from "./function.ts";

/**
 * Decodes base64 with padding, as strictly as Go: line breaks are skipped, anything else that does not belong is an error that names
 * its byte.
 */
export function decodeBase64(text: string, variant: "base64" | "base64url"): Buffer {
  const compact = text.replaceAll(/[\r\n]/g, "");
  const valid = variant === "base64" ? STANDARD : URL_SAFE;
  if (valid.test(compact) && compact.length % 4 === 0) return Buffer.from(compact, variant);
  throw failure(`illegal base64 data at input byte ${firstFault(text, variant)}`);
}

const STANDARD = /^[A-Za-z0-9+/]*={0,2}$/;
const URL_SAFE = /^[A-Za-z0-9_-]*={0,2}$/;

// Where Go's decoder gives up: at a wrong character, at padding that is out of place, or where the text ends too early.
function firstFault(text: string, variant: "base64" | "base64url"): number {
  const bytes = Buffer.from(text);
  const letter = variant === "base64" ? /[A-Za-z0-9+/]/ : /[A-Za-z0-9_-]/;
  let inQuantum = 0;
  let at = 0;
  const skipLineBreaks = () => {
    while (bytes[at] === 0x0a || bytes[at] === 0x0d) at++;
  };
  for (; at < bytes.length; at++) {
    const character = String.fromCharCode(bytes[at] as number);
    if (character === "\n" || character === "\r") continue;
    if (letter.test(character)) {
      inQuantum = (inQuantum + 1) % 4;
      continue;
    }
    if (character !== "=" || inQuantum < 2) return at;
    at++;
    if (inQuantum === 2) {
      skipLineBreaks();
      if (at === bytes.length) return bytes.length;
      if (bytes[at] !== 0x3d) return at - 1;
      at++;
    }
    skipLineBreaks();
    return at;
  }
  return at - inQuantum;
}
