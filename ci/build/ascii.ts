import type { Plugin } from "rolldown";

/** Writes every character beyond ASCII as an escape: V8 then keeps the source at one byte a character and reads it twice as fast. */
export function asciiOnly(): Plugin {
  return {
    name: "ascii-only",
    generateBundle: (_, bundle) => {
      for (const chunk of Object.values(bundle)) if (chunk.type === "chunk") chunk.code = escaped(chunk.code);
    },
  };
}

function escaped(code: string): string {
  // Comments are gone by now, so all of these stand in texts, templates and patterns, where an escape means the same.
  return code.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
