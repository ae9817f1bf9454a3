import { labels, list, type Type } from "../component/arguments.ts";

/** A target: labels of which those with leading underscores say how to reach it. */
export type Target = Readonly<Record<string, string>>;

export const targetsExport: { readonly type: Type<readonly Target[]>; readonly doc: string } = {
  type: list(labels),
  doc: "What was discovered: a set of labels for each target.",
};

/** Without a prototype, so that any text is a safe label name. */
export function target(labelsOfTarget: Target): Target {
  return Object.assign(Object.create(null), labelsOfTarget);
}
