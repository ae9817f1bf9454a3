import { statSync } from "node:fs";

/** What is wrong with a folder that the user named, or undefined. */
export function directoryFault(path: string, isCreated: boolean): string | undefined {
  try {
    return statSync(path).isDirectory() ? undefined : `${path} is not a directory`;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") return `problem accessing configured directory: ${path}, err: ${message}`;
    if (isCreated) return undefined;
    return `directory must exist: stat ${path}: no such file or directory. You can enable the create_directory option to automatically create it`;
  }
}

/** The permissions that octal digits stand for. */
export function permissionsOf(text: string): { readonly mode: number; readonly fault: string | undefined } {
  if (!/^[+-]?[0-7]+$/.test(text)) return { mode: 0o750, fault: "directory_permissions value must be a valid octal representation" };
  const mode = Number.parseInt(text, 8);
  if (mode < 0 || (mode & 0o777) !== mode) return { mode: 0o750, fault: "directory_permissions contain invalid bits for file access" };
  return { mode, fault: undefined };
}
