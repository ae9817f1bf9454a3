import { readFile } from "node:fs/promises";

/** Where a password or token comes from: its text, or a file which is read for each request. */
export type SecretSource = { readonly text: string } | { readonly file: string };

/** Undefined where neither is written; the file wins. */
export function secretSource(file: string | undefined, text: string | undefined): SecretSource | undefined {
  if (file !== undefined && file !== "") return { file };
  return text === undefined || text === "" ? undefined : { text };
}

/** The secret as it is now, without white space around it where it comes from a file. */
export async function readSecret(source: SecretSource, what: string): Promise<string> {
  if ("text" in source) return source.text;
  try {
    return (await readFile(source.file, "utf8")).trim();
  } catch (error) {
    throw new Error(`${what} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
