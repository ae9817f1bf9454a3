import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { AttributeEditor } from "./attribute-editor.ts";
import { resourceField, resourceLevel } from "./fields.ts";

/** Changes the resources of requests without a look at their items, which keep their bytes. */
export class ResourceRewriter {
  readonly #request = new ProtobufReader();
  readonly #parts = new ProtobufReader();
  readonly #attributes = new AttributeEditor();
  readonly #writer = new ProtobufWriter(64 * 1024);
  readonly #content = new ProtobufWriter(1024);

  /**
   * Lets `change` edit the attributes of each resource, and gives those without a schema URL this one, unless it is empty. Returns the chunk itself where nothing
   * changed.
   */
  rewrite(chunk: Uint8Array, change: (attributes: AttributeEditor) => void, schemaUrl: string): Uint8Array {
    const writer = this.#writer;
    writer.clear();
    let copied = 0;
    const request = this.#request.reset(chunk);
    while (request.next()) {
      if (request.field !== 1) continue;
      const { start, stop } = request;
      let partTag = start;
      let partStart = start;
      let partEnd = start;
      let partStop = start;
      let hasSchema = false;
      const parts = this.#parts.reset(chunk, start, stop);
      while (parts.next()) {
        if (parts.field === resourceLevel.resource) {
          partTag = parts.tagStart;
          partStart = parts.start;
          partEnd = partStop = parts.stop;
        } else if (parts.field === resourceLevel.schemaUrl && parts.stop > parts.start) hasSchema = true;
      }
      const attributes = this.#attributes.reset(chunk, partStart, partEnd, resourceField.attributes);
      change(attributes);
      const addsSchema = schemaUrl !== "" && !hasSchema;
      if (!attributes.isChanged && !addsSchema) continue;
      writer.raw(chunk, copied, request.tagStart);
      const mark = writer.begin(1, stop - start + 256);
      writer.raw(chunk, start, partTag);
      this.#content.clear();
      attributes.write(this.#content);
      writer.copy(resourceLevel.resource, this.#content.bytes, 0, this.#content.length);
      writer.raw(chunk, partStop, stop);
      if (addsSchema) writer.string(resourceLevel.schemaUrl, schemaUrl);
      writer.finish(mark);
      copied = stop;
    }
    if (copied === 0) return chunk;
    writer.raw(chunk, copied, chunk.length);
    return writer.toBytes();
  }
}
