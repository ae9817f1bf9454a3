/** Where something stands in a chart: the path begins with the chart's name, as in `# Source:` lines. */
export interface Place {
  readonly file: string;
  readonly line: number;
  /** In bytes from the line's start; absent for a whole line. */
  readonly column?: number;
  /** The expression there, as it is written. */
  readonly expression?: string;
}

/** Something that is wrong with a chart, its values or what it renders. */
export interface Finding {
  /** What kind it is; those of the renderer begin with `helm/`. */
  readonly rule: string;
  readonly severity: "error" | "warning" | "info";
  /** Helm's own text first, where Helm has one. */
  readonly message: string;
  readonly place?: Place;
  /** The templates that led to the place, the outermost first; the place itself is the last. */
  readonly stack?: readonly Place[];
  /** The line of the place as it is written. */
  readonly excerpt?: string;
  /** Dotted, from the root chart's values. */
  readonly valuesKey?: string;
  readonly fix?: string;
}

export function isError({ severity }: Finding): boolean {
  return severity === "error";
}
