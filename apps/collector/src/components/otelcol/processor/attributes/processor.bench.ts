// node processor.bench.ts: CPU nanoseconds a span for an upsert and a delete, beside a pass in which nothing matches.
import { BufferPool } from "../../../../bytes/buffer-pool.ts";
import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import { AttributeEditor } from "../../../../signals/otlp/attribute-editor.ts";
import { spanField } from "../../../../signals/otlp/fields.ts";
import { RequestEditor } from "../../../../signals/otlp/request-editor.ts";
import { encodeRequest, typicalSpans } from "../../../../signals/otlp/testing.ts";
import type { ActionArguments } from "./action-arguments.ts";
import { compileActions } from "./actions.ts";

const none = { value: undefined, pattern: "", from_attribute: "", from_context: "", converted_type: "" };
const cases: Record<string, ActionArguments[]> = {
  "upsert and delete": [
    { ...none, key: "deployment.environment", action: "upsert", value: "production" },
    { ...none, key: "user_agent.original", action: "delete" },
  ],
  "nothing to do": [{ ...none, key: "credit_card", action: "delete" }],
};

const pool = new BufferPool(1 << 23);
const request = encodeRequest("traces", typicalSpans(1000));
for (const [name, list] of Object.entries(cases)) {
  const actions = compileActions(list);
  const editor = new RequestEditor("traces");
  const attributes = new AttributeEditor();
  const content = new ProtobufWriter(4096);
  const run = () => {
    editor.reset(request);
    while (editor.next()) {
      attributes.reset(request, editor.cursor.start, editor.cursor.end, spanField.attributes);
      actions.apply(attributes);
      if (!attributes.isChanged) continue;
      content.clear();
      attributes.write(content);
      editor.replace(content.bytes, 0, content.length);
    }
    const chunk = editor.finish(pool);
    if (chunk !== request) pool.give(chunk);
  };
  for (let i = 0; i < 100; i++) run();
  const before = process.cpuUsage();
  for (let i = 0; i < 1000; i++) run();
  const used = process.cpuUsage(before);
  console.log(`${name}: ${((used.user + used.system) / 1000).toFixed(0)} ns a span`);
}
