import { elementsOf, entriesOf, type GoKey, type GoMap, type GoValue, rawOf, Typed } from "@invar/go-compat";
import { type Node, type Observer, placeOf } from "@invar/go-template";
import type { Chart } from "../chart/chart.ts";

/** A place where a template reads a value. */
export interface ValueRead {
  /** Dotted, from the root chart's values; globals are `global.…` wherever they are read. */
  readonly key: string;
  /** Everything below is read too (`toYaml`, `print`, …). */
  readonly isWhole: boolean;
  readonly file: string;
  readonly line: number;
}

/** Watches which values the templates of one render read. Pass a new one to each `renderChart`. */
export class ReadRecorder implements Observer {
  // A map can stand for several values: merges put one under another.
  readonly #keys = new Map<object, Set<string>>();
  readonly #reads = new Map<string, Read>();
  readonly #readsThrough = new Map<string, Read>();
  /** What was read within each of the calls of `include` and `tpl` that are running, the outermost first. */
  readonly #running: Map<string, Read>[] = [];

  /** What was read so far, in the order of the first reading. */
  reads(): ValueRead[] {
    return [...this.#reads.values()].map(placed);
  }

  /** The same for the places of `include` and `tpl` whose templates read the values. */
  readsThrough(): ValueRead[] {
    return [...this.#readsThrough.values()].map(placed);
  }

  /** A call of `include` or `tpl` begins; `call` is its end. */
  begin(): void {
    this.#running.push(new Map());
  }

  /** A template failed: nothing of it is running any more. */
  reset(): void {
    this.#running.length = 0;
  }

  #end(node: Node): void {
    const within = this.#running.pop() ?? new Map<string, Read>();
    const outer = this.#running.at(-1);
    for (const [id, read] of within) {
      outer?.set(id, read);
      const through = `${id}\n${node.source.name}\n${node.position}`;
      if (!this.#readsThrough.has(through)) this.#readsThrough.set(through, { ...read, node });
    }
  }

  /** Tells which maps and lists the values of a chart are made of, before its templates run. */
  watch(chart: Chart, values: GoMap): void {
    this.#watchChart(chart, values, "");
  }

  #watchChart(chart: Chart, values: GoMap, prefix: string): void {
    const children = new Map(chart.dependencies.map((child) => [child.name, child]));
    this.#add(values, prefix.slice(0, -1));
    for (const [key, value] of values) {
      const child = children.get(key);
      if (child !== undefined && value instanceof Map) this.#watchChart(child, value, `${prefix}${keyText(key)}.`);
      else this.#watchValue(value, key === "global" ? "global" : prefix + keyText(key));
    }
  }

  #watchValue(value: GoValue, key: string): void {
    if (value instanceof Map) {
      if (!this.#add(value, key)) return;
      for (const [name, element] of value) this.#watchValue(element, joined(key, name));
    } else if (Array.isArray(value)) {
      if (!this.#add(value, key)) return;
      value.forEach((element, index) => {
        this.#watchValue(element, `${key}[${index}]`);
      });
    }
  }

  #add(container: object, key: string): boolean {
    const keys = this.#keys.get(container) ?? new Set();
    if (keys.has(key)) return false;
    this.#keys.set(container, keys.add(key));
    return true;
  }

  #keysOf(value: GoValue | undefined): ReadonlySet<string> {
    const raw = value instanceof Typed ? value.raw : value;
    return (typeof raw === "object" && raw !== null ? this.#keys.get(raw) : undefined) ?? NOTHING;
  }

  #read(key: string, isWhole: boolean, node: Node): void {
    const id = `${key}\n${isWhole}\n${node.source.name}\n${node.position}`;
    if (!this.#reads.has(id)) this.#reads.set(id, { key, isWhole, node });
    this.#running.at(-1)?.set(`${key}\n${isWhole}`, { key, isWhole, node });
  }

  #readWhole(value: GoValue | undefined, node: Node): void {
    for (const key of this.#keysOf(value)) this.#read(key, true, node);
    // A map made by the template may hold values.
    const raw = value === undefined ? null : rawOf(value);
    if (raw instanceof Map && !this.#keys.has(raw)) for (const element of raw.values()) this.#readWhole(element as GoValue, node);
    else if (Array.isArray(raw) && !this.#keys.has(raw)) for (const element of raw) this.#readWhole(element as GoValue, node);
  }

  field(container: ReadonlyMap<GoKey, GoValue>, name: string, node: Node): void {
    for (const key of this.#keys.get(container) ?? NOTHING) this.#read(joined(key, name), false, node);
  }

  range(container: GoValue, node: Node): void {
    const keys = this.#keysOf(container);
    if (keys.size === 0) return;
    const entries = entriesOf(container);
    for (const key of keys) {
      if (entries !== undefined) for (const name of entries.keys()) this.#read(joined(key, String(name)), false, node);
      else elementsOf(container)?.forEach((_, index) => void this.#read(`${key}[${index}]`, false, node));
    }
  }

  print(value: GoValue, node: Node): void {
    if (typeof value === "object" && value !== null) this.#readWhole(value, node);
  }

  call(name: string, args: readonly GoValue[], result: GoValue, node: Node): void {
    if (name === "include" || name === "tpl") this.#end(node);
    const bare = name.startsWith("must") ? name.charAt(4).toLowerCase() + name.slice(5) : name;
    switch (bare) {
      case "index":
        this.#walk(args[0], args.slice(1), node);
        return;
      case "get":
      case "hasKey":
        this.#walk(args[0], [args[1] ?? null], node);
        return;
      case "dig":
        this.#walk(args.at(-1), args.slice(0, -2), node);
        return;
      case "pluck":
        for (const map of args.slice(1)) this.#walk(map, [args[0] ?? null], node);
        return;
      case "keys":
      case "values":
        for (const map of args) this.range(map, node);
        return;
      case "pick":
        for (const key of args.slice(1)) this.#walk(args[0], [key], node);
        this.#alias(result, args[0]);
        return;
      case "omit":
      case "deepCopy":
        this.#alias(result, args[0]);
        return;
      case "merge":
      case "mergeOverwrite":
        for (const map of args.slice(1)) this.#alias(result, map);
        return;
      default:
        if (!PASSING.has(bare)) for (const arg of args) this.#readWhole(arg, node);
    }
  }

  #walk(start: GoValue | undefined, steps: readonly GoValue[], node: Node): void {
    let value: GoValue | undefined = start;
    for (const step of steps) {
      const raw = rawOf(step);
      for (const key of this.#keysOf(value)) {
        this.#read(typeof raw === "string" ? joined(key, raw) : `${key}[${String(raw)}]`, false, node);
      }
      if (value === undefined || value === null) return;
      value =
        typeof raw === "string"
          ? (entriesOf(value)?.get(raw) as GoValue | undefined)
          : (elementsOf(value)?.[Number(raw)] as GoValue | undefined);
    }
  }

  /** Reading the copy is reading the original. */
  #alias(copy: GoValue | undefined, original: GoValue | undefined): void {
    const below = copy === undefined ? null : rawOf(copy);
    const above = original === undefined ? null : rawOf(original);
    if (typeof below !== "object" || below === null || typeof above !== "object" || above === null) return;
    if (below === above) return;
    let isNew = false;
    for (const key of this.#keys.get(above) ?? NOTHING) isNew = this.#add(below, key) || isNew;
    if (!isNew && this.#keys.has(above)) return;
    if (below instanceof Map && above instanceof Map) {
      for (const [key, element] of above as GoMap) this.#alias((below as GoMap).get(key), element);
    } else if (Array.isArray(below) && Array.isArray(above)) {
      above.forEach((element, index) => void this.#alias(below[index] as GoValue, element as GoValue));
    }
  }
}

interface Read {
  readonly key: string;
  readonly isWhole: boolean;
  readonly node: Node;
}

function placed({ key, isWhole, node }: Read): ValueRead {
  const { source, line } = placeOf(node, "");
  return { key, isWhole, file: source, line };
}

const NOTHING: ReadonlySet<string> = new Set();

// What hands values on, or asks only whether there is something.
const PASSING = new Set(
  (
    "include tpl dict list tuple default ternary coalesce required empty not and or set unset append prepend concat first last rest initial " +
    "slice reverse compact kindIs kindOf typeIs typeIsLike typeOf fail len all any"
  ).split(" "),
);

function joined(key: string, name: string): string {
  return key === "" ? keyText(name) : `${key}.${keyText(name)}`;
}

function keyText(name: string): string {
  return name.replaceAll(".", "\\.");
}
