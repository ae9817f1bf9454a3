import { DatabaseSync } from "node:sqlite";
import { codeOf } from "./files.ts";

/** Thrown where another process, or another destination of this one, holds a folder. */
export class FolderLockedError extends Error {
  constructor(folder: string) {
    super(`the queue in ${folder} is in use by another process: stop it, or give this one another storage path`);
    this.name = "FolderLockedError";
  }
}

/** Held until it is released, or forgotten: who takes it keeps it. */
export interface FolderLock {
  /** False where the file system has no locks, which is for the caller to say. */
  readonly isEffective: boolean;
  release(): void;
}

/**
 * Takes the lock of a folder. The system gives it back when this process ends, however it ends, and neither process ids of containers nor names
 * of hosts play a part.
 *
 * A kludge: Node has no file locks. SQLite takes one for an exclusive transaction, here on an empty database to which nothing is ever written.
 */
export function lockFolder(folder: string): FolderLock {
  const path = `${folder}/lock`;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec("PRAGMA journal_mode = OFF; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch (thrown) {
    database?.close();
    if (isBusy(thrown)) throw new FolderLockedError(folder);
    if (isUnopenable(thrown)) throw thrown;
    return { isEffective: false, release: () => {} };
  }
  const held = database;
  return { isEffective: true, release: () => held.close() };
}

function isBusy(thrown: unknown): boolean {
  return sqliteCode(thrown) === 5;
}

/** The folder is missing or can't be written: there is more amiss than the lock. */
function isUnopenable(thrown: unknown): boolean {
  return sqliteCode(thrown) === 14 || sqliteCode(thrown) === 8;
}

function sqliteCode(thrown: unknown): number | undefined {
  if (codeOf(thrown) !== "ERR_SQLITE_ERROR") return undefined;
  const code = thrown instanceof Error && "errcode" in thrown ? thrown.errcode : undefined;
  // The low byte is the primary code.
  return typeof code === "number" ? code & 0xff : undefined;
}
