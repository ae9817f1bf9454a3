import type { Chart } from "../chart/chart.ts";

/** The folder prefix that suites may leave out. */
export function templateName(name: string): string {
  return /^(?:templates|charts|crds|\*\*)/.test(name) ? name : `templates/${name}`;
}

export interface TemplateChoice {
  /** From the root chart's name to that which the suite belongs to. */
  readonly route: string;
  readonly templates: readonly string[];
  readonly excludeTemplates: readonly string[];
}

/** The chart with the chosen templates and all partials. */
export function chooseTemplates(chart: Chart, { route, templates, excludeTemplates }: TemplateChoice): Chart {
  const patterns = templates.map((name) => patternOf(route, name));
  const excluded = excludeTemplates.map((name) => patternOf(route, name));
  const choose = (owner: Chart, path: string): Chart => ({
    ...owner,
    templates: owner.templates.filter(({ name }) => {
      if (name.slice(name.lastIndexOf("/") + 1).startsWith("_")) return true;
      const full = `${path}/${name}`;
      return patterns.some((pattern) => pattern.test(full)) && !excluded.some((pattern) => pattern.test(full));
    }),
    dependencies: owner.dependencies.map((child) => choose(child, `${path}/charts/${child.name}`)),
  });
  return choose(chart, chart.name);
}

function patternOf(route: string, name: string): RegExp {
  const source = `${route}/${templateName(name)}`
    .replaceAll(/[.+[\]?()|{}^$\\]/g, "\\$&")
    .replaceAll("**", "\0")
    .replaceAll("*", "[0-9a-zA-Z_\\-/.]*")
    .replaceAll("\0", "[0-9a-zA-Z_\\-/.]+");
  return new RegExp(source);
}
