import { compareTexts } from "@invar/go-compat";

type Target = Readonly<Record<string, string>>;

/** Finds discovered targets by the values of some of their labels. Of targets that have the same ones, the last counts. */
export class MatchedTargets {
  /** The labels whose values are looked up, by the names that they have where it is looked from. */
  readonly #names: readonly string[];
  readonly #byValues = new Map<string, Target>();
  readonly #copied: readonly string[];

  /** `match` maps labels of targets to labels of what is enriched; `copied` are the labels to copy, all where there are none. */
  constructor(targets: readonly Target[], match: Readonly<Record<string, string>>, copied: readonly string[]) {
    const ofTarget = Object.keys(match).sort(compareTexts);
    this.#names = ofTarget.map((name) => match[name] ?? "");
    this.#copied = copied;
    for (const target of targets) {
      const key = keyOf(ofTarget, (name) => target[name] ?? "");
      if (key !== undefined) this.#byValues.set(key, target);
    }
  }

  get size(): number {
    return this.#byValues.size;
  }

  /** The labels to be copied to what has these labels; undefined where no target matches. */
  labelsFor(get: (name: string) => string): readonly (readonly [name: string, value: string])[] | undefined {
    const key = keyOf(this.#names, get);
    const target = key === undefined ? undefined : this.#byValues.get(key);
    if (target === undefined) return undefined;
    if (this.#copied.length === 0) return Object.entries(target);
    return this.#copied.flatMap((name) => (target[name] === undefined ? [] : [[name, target[name]] as const]));
  }
}

/** Undefined where a value is missing: it matches nothing. */
function keyOf(names: readonly string[], get: (name: string) => string): string | undefined {
  const values = names.map(get);
  return values.length === 0 || values.includes("") ? undefined : JSON.stringify(values);
}
