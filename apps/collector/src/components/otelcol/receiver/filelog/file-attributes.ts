import { readFileSync, realpathSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { Args } from "./arguments.ts";

type Wanted = Pick<
  Args,
  | "include_file_name"
  | "include_file_path"
  | "include_file_name_resolved"
  | "include_file_path_resolved"
  | "include_file_owner_name"
  | "include_file_owner_group_name"
  | "include_file_permissions"
>;

/** What every entry of a file tells of it. Where the file is gone already, what its name tells. */
export function fileAttributes(path: string, wanted: Wanted): readonly (readonly [string, string])[] {
  const attributes: [string, string][] = [];
  if (wanted.include_file_name) attributes.push(["log.file.name", basename(path)]);
  if (wanted.include_file_path) attributes.push(["log.file.path", path]);
  if (wanted.include_file_owner_name || wanted.include_file_owner_group_name || wanted.include_file_permissions) {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats !== undefined) {
      if (wanted.include_file_owner_name) attributes.push(["log.file.owner.name", nameIn("/etc/passwd", stats.uid)]);
      if (wanted.include_file_owner_group_name) attributes.push(["log.file.owner.group.name", nameIn("/etc/group", stats.gid)]);
      if (wanted.include_file_permissions) attributes.push(["log.file.permissions", (stats.mode & 0o777).toString(8).padStart(3, "0")]);
    }
  }
  if (!wanted.include_file_name_resolved && !wanted.include_file_path_resolved) return attributes;
  const resolved = resolvedPath(path);
  if (wanted.include_file_name_resolved) attributes.push(["log.file.name_resolved", basename(resolved)]);
  if (wanted.include_file_path_resolved) attributes.push(["log.file.path_resolved", resolved]);
  return attributes;
}

function resolvedPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The name of a number in the system's files, or the number. */
function nameIn(file: string, id: number): string {
  try {
    for (const line of readFileSync(file, "utf8").split("\n")) {
      const [name = "", , number] = line.split(":");
      if (number === String(id)) return name;
    }
  } catch {
    return String(id);
  }
  return String(id);
}
