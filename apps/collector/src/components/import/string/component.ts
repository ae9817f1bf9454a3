import { optionalSecret, required } from "../../../component/arguments.ts";
import { defineComponent } from "../../../component/definition.ts";
import { importExports } from "../../../component/module-text.ts";

/** `import.string`: the module is the text itself, mostly another component's export. */
export const component = defineComponent({
  name: "import.string",
  stability: "generally-available",
  summary: "Brings in custom components from a text.",
  arguments: { content: required(optionalSecret, "The text of the module.") },
  exports: importExports,
  metrics: [],
  needs: {},
  create(context, args) {
    const give = (text: string) => context.export({ modules: [{ name: context.id, text }], path: "" });
    give(args.content.reveal());
    return {
      start() {},
      update(next) {
        give(next.content.reveal());
      },
      stop() {},
    };
  },
});
