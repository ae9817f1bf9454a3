import { textFromBytes } from "@invar/go-compat";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { isValidUtf8 } from "../../bytes/utf8.ts";
import type { LogBatch } from "../loki/log-batch.ts";
import type { StreamLabels } from "../loki/stream-labels.ts";
import { decodeMetadata } from "../loki/structured-metadata.ts";
import type { OtlpBatch } from "../otlp/batch.ts";
import { logField } from "../otlp/fields.ts";
import { writeTextAttribute } from "../otlp/write/attributes.ts";
import { writeLogBody, writeLogBodyBytes, writeLogTime, writeObservedTime } from "../otlp/write/log-record.ts";
import { RequestWriter } from "../otlp/write/request.ts";

/**
 * Turns lines into log records in OTLP: the line is the body; labels and structured metadata are attributes, with the hint by which the labels
 * become labels again.
 */
export class LinesToOtlp {
  readonly #request = new RequestWriter("logs", 1 << 16);
  readonly #attributes = new ProtobufWriter(512);

  /** The batch as log records, the caller's to release. */
  convert(batch: LogBatch, nowMs: number): OtlpBatch {
    const request = this.#request;
    const { writer } = request;
    const ofStream = batch.streams.map((labels) => this.#encode(attributesOf(labels)));
    request.beginResource();
    request.beginScope();
    for (let row = 0; row < batch.rows; row++) {
      const stream = batch.stream[row] as number;
      const start = batch.start[row] as number;
      const end = batch.end[row] as number;
      const mark = request.beginItem(end - start + 200);
      writeLogTime(writer, batch.seconds[row] as number, batch.nanos[row] as number);
      if (isValidUtf8(batch.text, start, end)) writeLogBodyBytes(writer, batch.text, start, end);
      // OTLP has texts in UTF-8 only: what is none becomes U+FFFD.
      else writeLogBody(writer, textFromBytes(batch.text.subarray(start, end)).toWellFormed());
      const metadata = this.#metadataOf(batch, row);
      if (metadata === undefined) writer.raw(ofStream[stream] as Uint8Array);
      else {
        const attributes = attributesOf(batch.streams[stream] as StreamLabels);
        for (const [name, value] of metadata) attributes.set(name, value);
        writer.raw(this.#encode(attributes));
      }
      writeObservedTime(writer, nowMs);
      request.endItem(mark);
    }
    return request.batch(batch.receipt);
  }

  #metadataOf({ metadata }: LogBatch, row: number): [string, string][] | undefined {
    if (metadata === undefined || metadata.start[row] === metadata.end[row]) return undefined;
    return decodeMetadata(metadata.bytes, metadata.start[row] as number, metadata.end[row] as number);
  }

  #encode(attributes: ReadonlyMap<string, string>): Uint8Array {
    this.#attributes.clear();
    for (const [name, value] of attributes)
      writeTextAttribute(this.#attributes, logField.attributes, name.toWellFormed(), value.toWellFormed());
    return this.#attributes.toBytes();
  }
}

function attributesOf({ names, values }: StreamLabels): Map<string, string> {
  const attributes = new Map<string, string>();
  const file = values[names.indexOf("filename")];
  if (file !== undefined) {
    attributes.set("log.file.path", file);
    attributes.set("log.file.name", baseName(file));
  }
  if (names.length > 0) attributes.set("loki.attribute.labels", names.join(","));
  for (const [i, name] of names.entries()) attributes.set(name, values[i] ?? "");
  return attributes;
}

/** The last element of a path: `.` of none, `/` of the root. */
function baseName(path: string): string {
  if (path === "") return ".";
  const trimmed = path.replace(/\/+$/, "");
  return trimmed === "" ? "/" : trimmed.slice(trimmed.lastIndexOf("/") + 1);
}
