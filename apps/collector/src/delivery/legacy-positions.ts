import { readFile } from "node:fs/promises";
import type { Logger } from "../component/context.ts";
import { codeOf } from "./files.ts";

/** One entry of a positions file of another collector. */
export interface LegacyPosition {
  readonly path: string;
  /** As that collector wrote them: `{app="x"}`; `{}` where it keeps one position a path. */
  readonly labels: string;
  /** A number for files, a cursor for journals. */
  readonly position: string;
}

/**
 * Reads the positions file of Promtail or Grafana Agent (a path, a position) or of Alloy (a path and labels, a position). Undefined where there is
 * none, it is empty, or is not such a file; the latter two are logged. Throws where it is there and can't be read: to go on would read everything again.
 */
export async function readLegacyPositions(path: string, log: Logger): Promise<readonly LegacyPosition[] | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return undefined;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Error(
      `legacy positions file "${path}" exists but could not be read, refusing to start to avoid re-ingesting logs: ${reason}`,
    );
  }
  if (text.trim() === "") return undefined;
  const { parse } = await import("yaml");
  try {
    return positionsIn(parse(text, { mapAsMap: true, maxAliasCount: 0 }));
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown.message : String(thrown);
    log.error("error parsing legacy positions file", { path, error });
    return undefined;
  }
}

function positionsIn(document: unknown): LegacyPosition[] {
  if (!(document instanceof Map) || document.size !== 1 || !document.has("positions"))
    throw new Error('expected one key, "positions", with a map of paths to positions');
  const positions: unknown = document.get("positions");
  if (positions === null) return [];
  if (!(positions instanceof Map)) throw new Error('"positions" is not a map of paths to positions');
  return [...positions].map(([key, position]: [unknown, unknown]) => {
    if (typeof position !== "string" && typeof position !== "number")
      throw new Error(`the position of ${describe(key)} is neither a number nor text`);
    return { ...fileIn(key), position: String(position) };
  });
}

function fileIn(key: unknown): { path: string; labels: string } {
  if (typeof key === "string") return { path: key, labels: "{}" };
  const path: unknown = key instanceof Map ? key.get("path") : undefined;
  const labels: unknown = key instanceof Map ? key.get("labels") : undefined;
  if (typeof path !== "string") throw new Error(`${describe(key)} is not a path`);
  return { path, labels: typeof labels === "string" ? labels : "{}" };
}

function describe(key: unknown): string {
  return JSON.stringify(key instanceof Map ? Object.fromEntries(key) : key) ?? "an entry";
}
