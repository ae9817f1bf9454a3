import { closeSync, openSync, renameSync, writeSync } from "node:fs";

/** Writes numbered lines into a file that is rotated by renaming, as the kubelet does. */
export class RotatingLog {
  readonly #path: string;
  readonly #linesAFile: number;
  #file: number;
  #written = 0;

  constructor(path: string, linesAFile: number) {
    this.#path = path;
    this.#linesAFile = linesAFile;
    this.#file = openSync(path, "a");
  }

  get written(): number {
    return this.#written;
  }

  write(lines: number): void {
    let text = "";
    for (let i = 0; i < lines; i++) text += `2026-01-01T00:00:00.000000000Z stdout F seq=${this.#written++} the quick brown fox\n`;
    writeSync(this.#file, text);
    if (this.#written % this.#linesAFile !== 0) return;
    closeSync(this.#file);
    renameSync(this.#path, `${this.#path}.1`);
    this.#file = openSync(this.#path, "a");
  }

  close(): void {
    closeSync(this.#file);
  }
}
