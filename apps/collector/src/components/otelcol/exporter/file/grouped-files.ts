import { ProtobufReader } from "../../../../bytes/protobuf-reader.ts";
import { AnyValueReader, STRING } from "../../../../signals/otlp/any-value.ts";
import { AttributeCursor } from "../../../../signals/otlp/attribute-cursor.ts";
import type { OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { resourceField, resourceLevel } from "../../../../signals/otlp/fields.ts";
import { RESOURCE } from "../../../../signals/otlp/item-cursor.ts";
import { partition } from "../../../../signals/otlp/partition.ts";
import { groupPath } from "./group-path.ts";
import { OutputFile, type OutputFileOptions, type Surroundings } from "./output-file.ts";

export interface GroupOptions {
  /** `path` holds the `*`. */
  readonly file: OutputFileOptions;
  readonly attribute: string;
  readonly maxOpenFiles: number;
}

/** What of a batch goes into one file. */
export interface Share {
  readonly path: string;
  readonly chunks: readonly Uint8Array[];
  readonly items: number;
}

interface Opened {
  readonly file: OutputFile;
  users: number;
}

/** A file for each value of a resource attribute, so many open at a time. */
export class GroupedFiles {
  readonly #around: Surroundings;
  #options: GroupOptions;
  readonly #key: Uint8Array;
  readonly #request = new ProtobufReader();
  readonly #resource = new ProtobufReader();
  readonly #attributes = new AttributeCursor();
  readonly #value = new AnyValueReader();
  /** Ordered by last use. */
  readonly #open = new Map<string, Opened>();
  readonly #closing = new Map<string, Promise<void>>();
  #waiters: (() => void)[] = [];

  constructor(around: Surroundings, options: GroupOptions) {
    this.#around = around;
    this.#options = options;
    this.#key = Buffer.from(options.attribute);
  }

  openPaths(): string[] {
    return [...this.#open.keys()];
  }

  /** Takes over what may change while files are open. */
  update(options: GroupOptions): void {
    const { discardBeforeMs } = this.#options.file;
    this.#options = { ...options, file: { ...options.file, discardBeforeMs } };
    for (const { file } of this.#open.values()) file.update(options.file);
  }

  /** Divides a batch by file. `left` items are of resources that name none. */
  divide(batch: OtlpBatch): { readonly shares: readonly Share[]; readonly left: number } {
    const { signal, chunks, items } = batch;
    const only = this.#onlySegment(chunks);
    if (only !== undefined) return { shares: [{ path: this.#path(only), chunks, items }], left: 0 };
    const paths: string[] = [];
    let path = -1;
    const parts = partition(signal, chunks, 0, (cursor) => {
      if (cursor.entered > RESOURCE) return path;
      cursor.resource();
      const segment = this.#segment(cursor.bytes, cursor.partStart, cursor.partEnd);
      const name = segment === undefined ? undefined : this.#path(segment);
      path = name === undefined ? -1 : paths.indexOf(name);
      if (path === -1 && name !== undefined) path = paths.push(name) - 1;
      return path;
    });
    const shares = parts.flatMap((part, i) =>
      part === undefined ? [] : [{ path: paths[i] as string, chunks: [part.chunk], items: part.items }],
    );
    return { shares, left: items - shares.reduce((sum, share) => sum + share.items, 0) };
  }

  /** Calls `write` with the file of a path, which is not closed before that ends. */
  async use(path: string, write: (file: OutputFile) => Promise<void>): Promise<void> {
    const opened = await this.#opened(path);
    try {
      await write(opened.file);
    } finally {
      opened.users--;
      this.#wake();
    }
  }

  async close(): Promise<void> {
    for (const [path, { file }] of this.#open) this.#close(path, file);
    await Promise.all(this.#closing.values());
  }

  /** The file of a path, with one user more. */
  async #opened(path: string): Promise<Opened> {
    for (;;) {
      const known = this.#open.get(path);
      if (known !== undefined) {
        this.#open.delete(path);
        this.#open.set(path, known);
        known.users++;
        return known;
      }
      const closing = this.#closing.get(path);
      if (closing !== undefined) await closing;
      else if (this.#open.size + this.#closing.size < this.#options.maxOpenFiles) {
        const opened = { file: new OutputFile(this.#around, { ...this.#options.file, path }), users: 1 };
        this.#open.set(path, opened);
        return opened;
      } else {
        const idle = [...this.#open].find(([, { users }]) => users === 0);
        if (idle !== undefined && this.#closing.size === 0) this.#close(idle[0], idle[1].file);
        await new Promise<void>((resolve) => void this.#waiters.push(resolve));
      }
    }
  }

  #close(path: string, file: OutputFile): void {
    this.#open.delete(path);
    const closing = file.close().finally(() => {
      this.#closing.delete(path);
      this.#wake();
    });
    this.#closing.set(path, closing);
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #path(segment: string): string {
    return groupPath(this.#options.file.path, segment);
  }

  /** The segment that all resources name: then nothing needs to be copied. */
  #onlySegment(chunks: readonly Uint8Array[]): string | undefined {
    let only: string | undefined;
    for (const chunk of chunks) {
      const request = this.#request.reset(chunk);
      while (request.next()) {
        if (request.field !== 1) continue;
        const resource = this.#resource.reset(chunk, request.start, request.stop);
        let segment: string | undefined;
        while (resource.next())
          if (resource.field === resourceLevel.resource) segment = this.#segment(chunk, resource.start, resource.stop);
        if (segment === undefined || (only !== undefined && only !== segment)) return undefined;
        only = segment;
      }
    }
    return only;
  }

  /** The attribute of a Resource, where it is a text. */
  #segment(bytes: Uint8Array, start: number, end: number): string | undefined {
    const attributes = this.#attributes.reset(bytes, start, end, resourceField.attributes);
    if (!attributes.find(this.#key)) return undefined;
    const value = this.#value.reset(bytes, attributes.valueStart, attributes.valueEnd);
    return value.kind === STRING ? value.string() : undefined;
  }
}
