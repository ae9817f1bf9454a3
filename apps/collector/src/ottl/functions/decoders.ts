import { textFromBytes } from "@invar/go-compat";
import { StatementError } from "../value.ts";

/** Decodes bytes to text; `prefix` begins the message of what can't be decoded. */
export type Decoder = (bytes: Uint8Array, prefix: string) => string;

/** The decoder of an encoding's name. Throws `StatementError` where there is none. */
export function decoderFor(name: string): Decoder {
  switch (name) {
    case "base64":
      return base64(/[A-Za-z0-9+/]/, true);
    case "base64-raw":
      return base64(/[A-Za-z0-9+/]/, false);
    case "base64-url":
      return base64(/[A-Za-z0-9_-]/, true);
    case "base64-raw-url":
      return base64(/[A-Za-z0-9_-]/, false);
    default:
      return textDecoder(name);
  }
}

/** Go's reading: line ends are skipped, anything else that does not belong is an error with its position. */
function base64(alphabet: RegExp, isPadded: boolean): Decoder {
  return (bytes, prefix) => {
    const text = Buffer.from(bytes).toString("latin1");
    const fail = (at: number): StatementError => new StatementError(`${prefix}illegal base64 data at input byte ${at}`);
    let digits = "";
    let at = 0;
    for (; at < text.length; at++) {
      const character = text[at] as string;
      if (character === "\r" || character === "\n") continue;
      if (character === "=" && isPadded) break;
      if (!alphabet.test(character)) throw fail(at);
      digits += character;
    }
    const rest = digits.length % 4;
    if (isPadded) {
      const padding = text.slice(at).replace(/[\r\n]/g, "");
      if (rest === 0 ? padding !== "" : padding !== "=".repeat(4 - rest)) throw fail(padding === "" ? text.length - rest : at);
    }
    if (rest === 1) throw fail(text.length - 1);
    return textFromBytes(Buffer.from(digits, "base64"));
  };
}

const utf8Names: ReadonlySet<string> = new Set(["utf-8", "utf8", "ascii", "us-ascii", ""]);
const rawNames: ReadonlySet<string> = new Set(["utf-8-raw", "utf8-raw", "nop"]);

function textDecoder(name: string): Decoder {
  const lower = name.toLowerCase();
  if (rawNames.has(lower)) return textFromBytes;
  const label = utf8Names.has(lower) ? "utf-8" : lower === "utf16" ? "utf-16le" : lower;
  try {
    const decoder = new TextDecoder(label, { ignoreBOM: true });
    return (bytes) => decoder.decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw new StatementError(`unsupported encoding '${name}'`);
    throw error;
  }
}
