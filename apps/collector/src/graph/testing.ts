import type { Source } from "@invar/alloy-syntax";
import { Capsule } from "@invar/alloy-syntax";
import { any, bool, capsule, defaulted, duration, list, optional, string } from "../component/arguments.ts";
import { FakeClock } from "../component/clock.ts";
import { type Definition, defineComponent } from "../component/definition.ts";
import { testContext } from "../component/testing.ts";
import { noTracer } from "../component/tracing.ts";
import { component as importString } from "../components/import/string/component.ts";
import type { Consumer } from "../signals/consumer.ts";
import { Controller } from "./controller.ts";
import { globalId } from "./nodes/node.ts";
import type { ServiceBlock } from "./surroundings.ts";

/** A controller with components that write down what happens to them. */
export function testGraph() {
  const events: string[] = [];
  const clock = new FakeClock();
  const exporters = new Map<string, (value: string) => void>();
  const broken = new Set<string>();
  const evaluations: string[] = [];

  const sink = defineComponent({
    name: "test.sink",
    stability: "generally-available",
    summary: "Takes.",
    arguments: { tag: defaulted(string, "A tag.", "") },
    exports: { receiver: { type: capsule("test.Receiver"), doc: "Takes." } },
    metrics: [],
    needs: {},
    create(context, args) {
      context.export({ receiver: new Capsule("test.Receiver", { id: context.globalId }) });
      return noted(context.globalId, args.tag);
    },
  });
  const source = defineComponent({
    name: "test.source",
    stability: "generally-available",
    summary: "Gives.",
    arguments: {
      forward_to: defaulted(list(capsule<Consumer<string>>("test.Receiver")), "Where to.", []),
      word: defaulted(string, "A word.", ""),
      wait: optional(duration, "A wait."),
    },
    exports: {},
    metrics: [],
    needs: {},
    create(context, args) {
      return noted(context.globalId, args.word);
    },
  });
  const value = defineComponent({
    name: "test.value",
    stability: "generally-available",
    summary: "Exports what it is given, or told later.",
    arguments: { value: optional(any, "The value."), fail: defaulted(bool, "Whether it can't be made.", false) },
    exports: { value: { type: any, doc: "The value." } },
    metrics: [],
    needs: {},
    create(context, args) {
      if (args.fail) throw new Error("told to fail");
      context.export({ value: args.value ?? null });
      exporters.set(context.globalId, (text) => context.export({ value: text }));
      return {
        ...noted(context.globalId, ""),
        update(next) {
          if (next.fail) throw new Error("told to fail");
          context.export({ value: next.value ?? null });
        },
      };
    },
  });
  const early = defineComponent({
    name: "test.early",
    stability: "experimental",
    summary: "Not for everybody.",
    exports: {},
    metrics: [],
    needs: {},
    create: (context) => noted(context.globalId, ""),
  });

  const both = Promise.withResolvers<void>();
  let waiting = 0;
  const meeting = defineComponent({
    name: "test.meeting",
    stability: "generally-available",
    summary: "Is there once another of its kind comes.",
    exports: { receiver: { type: capsule("test.Receiver"), doc: "Takes." } },
    metrics: [],
    needs: {},
    async create(context) {
      if (++waiting === 2) both.resolve();
      await both.promise;
      context.export({ receiver: new Capsule("test.Receiver", { id: context.globalId }) });
      return noted(context.globalId, "");
    },
  });

  function noted(id: string, detail: string) {
    events.push(`create ${id}${detail === "" ? "" : ` ${detail}`}`);
    return {
      start() {
        if (broken.has(id)) throw new Error("address in use");
        events.push(`start ${id}`);
      },
      update(args: Readonly<Record<string, unknown>>) {
        events.push(`update ${id} ${String(args.word ?? args.tag ?? "")}`.trim());
      },
      stop() {
        events.push(`stop ${id}`);
      },
    };
  }

  const applied: unknown[] = [];
  const service: ServiceBlock = {
    name: "logging",
    stability: "generally-available",
    schema: { arguments: { level: defaulted(string, "A level.", "info") } },
    defaults: { level: "info" },
    apply: (args) => void applied.push(args.level),
  };
  const definitions = [sink, source, value, early, meeting] as unknown as readonly Definition[];
  const controller = new Controller({
    path: "",
    vocabulary: {
      components: new Map(definitions.map((definition) => [definition.name, definition])),
      imports: new Map([["import.string", importString as unknown as Definition]]),
      serviceBlocks: new Map([["logging", service]]),
      stability: "generally-available",
      library: Object.create(null),
    },
    readImport: (_, args) => ({ modules: [{ name: "import.string", text: (args.content as { reveal(): string }).reveal() }], path: "" }),
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    evaluations: {
      evaluating: (isEvaluating) => void evaluations.push(isEvaluating ? "begin" : "end"),
      queued: (count) => void evaluations.push(`queued ${count}`),
      followed: (moduleId, componentId, waited, took) => void evaluations.push(`${moduleId}/${componentId} waited ${waited} took ${took}`),
    },
    after: (ms, callback) => clock.after(ms, callback),
    log: testContext().log,
    tracer: noTracer,
    contextFor(identity, hooks) {
      const id = globalId(identity.modulePath, identity.id);
      return { context: { ...testContext({ id: identity.id, clock }), globalId: id, ...hooks }, close: () => {} };
    },
  });
  return {
    controller,
    clock,
    events,
    applied,
    broken,
    evaluations,
    /** What happened since the last look. */
    happened: () => events.splice(0).join(", "),
    tell: (id: string, text: string) => exporters.get(id)?.(text),
    load: async (text: string) => {
      const source: Source = { name: "main", text };
      const { diagnostics } = await controller.load([source]);
      return diagnostics
        .filter((diagnostic) => diagnostic.severity === "error")
        .map(({ message, hint, span }) => `${lineOf(text, span.start)}: ${message}${hint === undefined ? "" : ` (${hint})`}`);
    },
  };
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
