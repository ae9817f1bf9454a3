// node ottl.bench.ts: CPU nanoseconds a span for statements and conditions as pipelines have them.
import { BufferPool } from "../bytes/buffer-pool.ts";
import { encodeRequest, typicalSpans } from "../signals/otlp/testing.ts";
import { compileConditions, compileStatements } from "./compile.ts";
import { Frame } from "./telemetry/frame.ts";
import { Walk } from "./telemetry/walk.ts";

const pool = new BufferPool(1 << 23);
const chunk = encodeRequest("traces", typicalSpans(1000));

const statements: Record<string, readonly string[]> = {
  "nothing to do": ['set(attributes["x"], 1) where name == "absent"'],
  "set and delete": [
    'set(attributes["bench"], "yes") where attributes["http.request.method"] != nil',
    'delete_key(attributes, "user_agent.original")',
  ],
  "texts and numbers": [
    'set(attributes["a"], Concat([name, attributes["http.route"]], " "))',
    'set(attributes["d"], end_time_unix_nano - start_time_unix_nano)',
  ],
  "the resource": ['set(resource.attributes["last"], name)'],
};

for (const [name, texts] of Object.entries(statements)) {
  const { execute } = compileStatements("span", texts);
  measure(name, new Walk(new Frame("traces"), { span: (frame) => execute(frame) !== undefined }));
}
const { evaluate } = compileConditions("span", ['attributes["http.route"] == "/healthz" or name == "drop-me"']);
measure("conditions that drop nothing", new Walk(new Frame("traces"), { span: evaluate }, { dropsEmpty: true }));

function measure(name: string, walk: Walk): void {
  const run = (): void => {
    const made = walk.run(chunk, undefined, pool);
    if (made !== chunk) pool.give(made);
  };
  for (let i = 0; i < 200; i++) run();
  const before = process.cpuUsage();
  for (let i = 0; i < 1000; i++) run();
  const used = process.cpuUsage(before);
  console.log(`${name}: ${((used.user + used.system) / 1000).toFixed(0)} ns a span`);
}
