import { type FSWatcher, statfsSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

// File systems of this machine, on which every write gives an event: ext2-4, xfs, btrfs, tmpfs, zfs, f2fs.
const LOCAL_FILE_SYSTEMS = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x2fc12fc1, 0xf2f52010]);
/** So many events of files that nobody sleeps on, and the folder is polled instead. */
const MAX_NOISE = 2_000;

/**
 * Wakes files that have been silent for long and are hardly polled any more. A busy file is not watched: asking for its size four times a second costs
 * less than an event a write.
 */
export class SleepWatch {
  readonly #folders = new Map<string, { watcher: FSWatcher; sleepers: Map<string, () => void>; noise: number }>();
  readonly #noisy = new Set<string>();

  /** True where writes to the file will call `wake`. */
  sleep(path: string, wake: () => void): boolean {
    const folder = dirname(path);
    if (this.#noisy.has(folder)) return false;
    const known = this.#folders.get(folder);
    if (known !== undefined) {
      known.sleepers.set(basename(path), wake);
      return true;
    }
    try {
      if (!LOCAL_FILE_SYSTEMS.has(statfsSync(folder).type)) return false;
      const watcher = watch(folder, { persistent: false });
      const entry = { watcher, sleepers: new Map([[basename(path), wake]]), noise: 0 };
      watcher.on("change", (_, name) => this.#onEvent(folder, String(name)));
      watcher.on("error", () => this.#drop(folder));
      this.#folders.set(folder, entry);
      return true;
    } catch {
      // No permission, or no watches left: the file is polled.
      return false;
    }
  }

  awake(path: string): void {
    const folder = dirname(path);
    const entry = this.#folders.get(folder);
    if (entry === undefined || !entry.sleepers.delete(basename(path)) || entry.sleepers.size > 0) return;
    entry.watcher.close();
    this.#folders.delete(folder);
  }

  close(): void {
    for (const folder of [...this.#folders.keys()]) this.#drop(folder);
  }

  #onEvent(folder: string, name: string): void {
    const entry = this.#folders.get(folder);
    if (entry === undefined) return;
    const wake = entry.sleepers.get(name);
    if (wake !== undefined) wake();
    else if (++entry.noise > MAX_NOISE) {
      this.#noisy.add(folder);
      this.#drop(folder);
    }
  }

  /** The folder is watched no more; who slept is woken and sees for itself. */
  #drop(folder: string): void {
    const entry = this.#folders.get(folder);
    this.#folders.delete(folder);
    entry?.watcher.close();
    for (const wake of entry?.sleepers.values() ?? []) wake();
  }
}
