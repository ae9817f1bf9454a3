import { join } from "node:path";
import type { Logger } from "../../component/context.ts";
import { readLegacyPositions } from "../../delivery/legacy-positions.ts";
import { memoryPositions, openPositions, type Positions } from "../../delivery/positions.ts";
import { parseLabelText } from "../../signals/loki/label-text.ts";
import { internLabels } from "../../signals/loki/stream-labels.ts";
import type { FilePosition } from "./open-file.ts";

/** Where reading stands in the files of one name, for each set of labels that the name is read with. */
type PathPositions = Readonly<Record<string, readonly FilePosition[]>>;

export interface FilePositions {
  /** Empty where the file was not read before. Undefined: there was a position, but it is damaged. */
  get(path: string, labels: string): readonly FilePosition[] | undefined;
  set(path: string, labels: string, positions: readonly FilePosition[]): void;
  delete(path: string, labels: string): void;
  close(): Promise<void>;
}

/** Opens the positions in `journal`, or keeps them in memory where there is none. Positions of another collector are taken where the journal is new. */
export async function openFilePositions(options: {
  folder: string | undefined;
  journal: string | undefined;
  legacyPath: string;
  log: Logger;
}): Promise<FilePositions> {
  const { folder, journal, legacyPath, log } = options;
  const store =
    journal === undefined
      ? memoryPositions<PathPositions>()
      : await openPositions<PathPositions>(journal, { log, read: readPathPositions });
  const [first] = store.keys();
  if (first === undefined) {
    // An Alloy that kept its state in the same folder left its own file there.
    if (folder !== undefined) await takeOver(store, join(folder, "positions.yml"), log);
    if (legacyPath !== "") await takeOver(store, legacyPath, log);
  }
  return {
    get(path, labels) {
      if (store.isDamaged(path)) return undefined;
      const known = store.get(path);
      if (known === undefined) return [];
      if (known[labels] !== undefined) return known[labels];
      // Of one who keeps no labels, or from before the labels changed: the file is the same.
      return known["{}"] ?? Object.values(known)[0] ?? [];
    },
    set(path, labels, positions) {
      const others = { ...store.get(path) };
      delete others["{}"];
      store.set(path, { ...others, [labels]: positions });
    },
    delete(path, labels) {
      const { [labels]: removed, ...others } = store.get(path) ?? {};
      if (Object.keys(others).length === 0) store.delete(path);
      else if (removed !== undefined) store.set(path, others);
    },
    close: () => store.close(),
  };
}

async function takeOver(store: Positions<PathPositions>, path: string, log: Logger): Promise<void> {
  const legacy = await readLegacyPositions(path, log);
  if (legacy === undefined) return;
  for (const entry of legacy) {
    const offset = Number(entry.position);
    if (!Number.isSafeInteger(offset) || offset < 0) continue;
    store.set(entry.path, { ...store.get(entry.path), [labelKey(entry.labels)]: [{ offset }] });
  }
  log.info("took over the positions of another collector", { path, files: legacy.length });
}

/** Labels as this component writes them; what can't be read counts for all labels. */
function labelKey(text: string): string {
  try {
    return internLabels(parseLabelText(text)).text;
  } catch {
    return "{}";
  }
}

function readPathPositions(value: unknown): PathPositions | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const isValid = Object.values(value).every((list: unknown) => Array.isArray(list) && list.every(isFilePosition));
  return isValid ? (value as PathPositions) : undefined;
}

function isFilePosition(value: unknown): value is FilePosition {
  if (typeof value !== "object" || value === null) return false;
  const { offset, file } = value as { offset?: unknown; file?: unknown };
  if (!Number.isSafeInteger(offset) || (offset as number) < 0) return false;
  if (file === undefined) return true;
  if (typeof file !== "object" || file === null) return false;
  const { dev, ino, length, crc, bornMs = 0 } = file as Record<string, unknown>;
  return [dev, ino, length, crc, bornMs].every((part) => typeof part === "number");
}
