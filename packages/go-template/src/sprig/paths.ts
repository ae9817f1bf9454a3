import type { GoFunction } from "@invar/go-compat";
import { fn, text } from "../function.ts";

const base = fn([text], baseOf);
const dir = fn([text], (path) => clean(path.slice(0, path.lastIndexOf("/") + 1)));
const cleaned = fn([text], clean);
const ext = fn([text], extensionOf);
const isAbs = fn([text], (path) => path.startsWith("/"));

/** Functions on slash-separated paths; those of the operating system are the same here. */
export const PATH_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  base,
  dir,
  clean: cleaned,
  ext,
  isAbs,
  osBase: base,
  osDir: dir,
  osClean: cleaned,
  osExt: ext,
  osIsAbs: isAbs,
};

/** Go's `path.Clean`: without `.`, `..` and doubled slashes where they can go. */
export function clean(path: string): string {
  if (path === "") return ".";
  const isRooted = path.startsWith("/");
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (!isRooted) parts.push("..");
  }
  const joined = parts.join("/");
  if (isRooted) return `/${joined}`;
  return joined === "" ? "." : joined;
}

function baseOf(path: string): string {
  if (path === "") return ".";
  const trimmed = path.replace(/\/+$/, "");
  return trimmed === "" ? "/" : trimmed.slice(trimmed.lastIndexOf("/") + 1);
}

function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot);
}
