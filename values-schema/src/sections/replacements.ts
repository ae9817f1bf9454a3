import { flag, kubernetesList, list, section, text } from "../words.ts";

export const replaceComponent = list(
  "Components whose body is replaced by the user's own.",
  section("A replacement.", {
    type: text("The component, such as discovery.relabel."),
    name: text("Its label."),
    module: text("The module (`declare` block) it is in."),
    content: text("Its new body, in the collector's language."),
    optional: flag("Not an error where no collector has it."),
  }),
);

export const extraObjects = kubernetesList("More objects to install; passed through `tpl`.");
