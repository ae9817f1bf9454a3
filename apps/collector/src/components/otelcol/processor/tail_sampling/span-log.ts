import type { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import { scopeLevel } from "../../../../signals/otlp/fields.ts";

/** Pages end up fragmented only while some trace of theirs waits longer than the others. */
export const PAGE_BYTES = 256 * 1024;
const HEADER = 16;
/** Pages that are kept for later use: so many, and an eighth of those in use. Memory that was touched before costs half. */
const SPARE_PAGES = 8;

/** Spans that wait: of which trace they are knows who appended them. Nothing lies before the first record. */
export interface Chain {
  page: number;
  offset: number;
}

export const EMPTY_CHAIN = { page: -1, offset: 0 } as const;

interface Page {
  readonly bytes: Buffer;
  readonly view: DataView;
  used: number;
  /** Bytes of records that are still needed. */
  live: number;
}

/** What spans lie in: the fields of ResourceSpans and ScopeSpans beside them. */
interface Origin {
  readonly key: string;
  readonly resource: Uint8Array;
  readonly scope: Uint8Array;
  /** Records that refer to it, and others who hold it. */
  uses: number;
}

/** Where memory for pages comes from. */
export interface PageMemory {
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

/**
 * Keeps spans of many traces as bytes in pages that are filled one after the other, and given back once no record in them is needed. Each record points to
 * the one before it of the same trace.
 *
 *   | page of the record before | its offset | origin | length | spans: fields 2 of ScopeSpans … |        (Int32 each)
 */
export class SpanLog {
  readonly #memory: PageMemory;
  readonly #pages = new Map<number, Page>();
  readonly #origins = new Map<number, Origin>();
  readonly #originIds = new Map<string, number>();
  readonly #spare: Buffer[] = [];
  #nextPage = 0;
  #nextOrigin = 0;
  #current: Page | undefined;
  #currentId = -1;
  readonly #order: number[] = [];

  constructor(memory: PageMemory) {
    this.#memory = memory;
  }

  /** Bytes of all pages. */
  get byteLength(): number {
    let bytes = 0;
    for (const page of this.#pages.values()) bytes += page.bytes.length;
    return bytes + this.#spare.length * PAGE_BYTES;
  }

  /** The number of this origin; it stays until it was released as often as it was asked for, and no record refers to it. */
  origin(resource: Uint8Array, scope: Uint8Array): number {
    const latin1 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    const key = `${resource.length} ${latin1(resource)}${latin1(scope)}`;
    const known = this.#originIds.get(key);
    if (known !== undefined) {
      (this.#origins.get(known) as Origin).uses++;
      return known;
    }
    const id = this.#nextOrigin++;
    this.#originIds.set(key, id);
    this.#origins.set(id, { key, resource: resource.slice(), scope: scope.slice(), uses: 1 });
    return id;
  }

  release(id: number): void {
    const origin = this.#origins.get(id);
    if (origin === undefined || --origin.uses > 0) return;
    this.#origins.delete(id);
    this.#originIds.delete(origin.key);
  }

  /** Appends one span, the content of which lies in `source`, to a chain; false where there is no memory. */
  append(chain: Chain, originId: number, source: Buffer, start: number, end: number): boolean {
    const size = end - start;
    const needed = HEADER + 1 + lengthSize(size) + size;
    let page = this.#current;
    // The spans of a trace often come one after the other: they share a record.
    const last = page !== undefined && chain.page === this.#currentId ? chain.offset : -1;
    const joins =
      page !== undefined &&
      last >= 0 &&
      page.view.getInt32(last + 8) === originId &&
      last + HEADER + page.view.getInt32(last + 12) === page.used &&
      page.used + needed - HEADER <= page.bytes.length;
    if (!joins && (page === undefined || page.used + needed > page.bytes.length)) {
      if (!this.#turn(needed)) return false;
      page = this.#current;
    }
    if (page === undefined) return false;
    const { bytes, view } = page;
    let at = page.used;
    if (joins) view.setInt32(last + 12, view.getInt32(last + 12) + needed - HEADER);
    else {
      view.setInt32(at, chain.page);
      view.setInt32(at + 4, chain.offset);
      view.setInt32(at + 8, originId);
      view.setInt32(at + 12, needed - HEADER);
      chain.page = this.#currentId;
      chain.offset = at;
      at += HEADER;
      (this.#origins.get(originId) as Origin).uses++;
    }
    bytes[at++] = (scopeLevel.items << 3) | 2;
    let rest = size;
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    source.copy(bytes, at, start, end);
    const added = at + size - page.used;
    page.used += added;
    page.live += added;
    return true;
  }

  /** Writes the spans of a chain as a request, in the order in which they came. */
  write(chain: Chain, writer: ProtobufWriter): void {
    const order = this.#order;
    order.length = 0;
    for (let { page, offset } = chain; page >= 0; ) {
      order.push(page, offset);
      const { view } = this.#page(page);
      const at = offset;
      page = view.getInt32(at);
      offset = view.getInt32(at + 4);
    }
    let open = -1;
    let resourceMark = 0;
    let scopeMark = 0;
    const close = () => {
      if (open < 0) return;
      writer.finish(scopeMark);
      writer.finish(resourceMark);
    };
    for (let i = order.length - 2; i >= 0; i -= 2) {
      const { bytes, view } = this.#page(order[i] as number);
      const offset = order[i + 1] as number;
      const originId = view.getInt32(offset + 8);
      if (originId !== open) {
        close();
        const origin = this.#origins.get(originId) as Origin;
        resourceMark = writer.begin(1, 1024);
        writer.raw(origin.resource);
        scopeMark = writer.begin(2, 1024);
        writer.raw(origin.scope);
        open = originId;
      }
      writer.raw(bytes, offset + HEADER, offset + HEADER + view.getInt32(offset + 12));
    }
    close();
  }

  /** Lets go of the spans of a chain, which is empty then. */
  free(chain: Chain): void {
    let { page: pageId, offset } = chain;
    while (pageId >= 0) {
      const page = this.#page(pageId);
      const { view } = page;
      const next = view.getInt32(offset);
      const nextOffset = view.getInt32(offset + 4);
      const originId = view.getInt32(offset + 8);
      this.release(originId);
      page.live -= HEADER + view.getInt32(offset + 12);
      if (page.live === 0 && pageId !== this.#currentId) this.#retire(pageId, page);
      pageId = next;
      offset = nextOffset;
    }
    chain.page = EMPTY_CHAIN.page;
    chain.offset = EMPTY_CHAIN.offset;
  }

  /** Gives all memory back. */
  close(): void {
    this.#memory.release(this.byteLength);
    this.#pages.clear();
    this.#spare.length = 0;
    this.#current = undefined;
    this.#currentId = -1;
    this.#origins.clear();
    this.#originIds.clear();
  }

  #page(id: number): Page {
    const page = this.#pages.get(id);
    if (page === undefined) throw new Error(`page ${id} was expected`);
    return page;
  }

  /** Begins a page that has room for so many bytes. */
  #turn(needed: number): boolean {
    const size = Math.max(needed, PAGE_BYTES);
    const spare = size === PAGE_BYTES ? this.#spare.pop() : undefined;
    if (spare === undefined && !this.#memory.reserve(size)) return false;
    const before = this.#current;
    const beforeId = this.#currentId;
    const bytes = spare ?? Buffer.allocUnsafeSlow(size);
    this.#current = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), used: 0, live: 0 };
    this.#currentId = this.#nextPage++;
    this.#pages.set(this.#currentId, this.#current);
    if (before !== undefined && before.live === 0) this.#retire(beforeId, before);
    return true;
  }

  #retire(id: number, page: Page): void {
    this.#pages.delete(id);
    if (page.bytes.length === PAGE_BYTES && this.#spare.length < SPARE_PAGES + this.#pages.size / 8) this.#spare.push(page.bytes);
    else this.#memory.release(page.bytes.length);
  }
}

function lengthSize(size: number): number {
  let bytes = 1;
  for (let rest = size; rest > 0x7f; rest >>>= 7) bytes++;
  return bytes;
}
