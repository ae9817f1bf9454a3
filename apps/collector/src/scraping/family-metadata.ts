import { familyOf } from "../signals/prometheus/exposition.ts";
import type { Metadata, MetricType } from "../signals/prometheus/sample-batch.ts";

interface Known {
  metadata: Metadata;
  seenIn: number;
  changedIn: number;
}

/** Scrapes for which the metadata of a family that is gone are kept. */
const KEPT_SCRAPES = 10;

/** Type, help and unit of a target's metric families, and when they changed. */
export class FamilyMetadata {
  readonly #families = new Map<string, Known>();
  #scrape = 1;
  #last: Known | undefined;

  get size(): number {
    return this.#families.size;
  }

  find(family: string): Metadata | undefined {
    return this.#families.get(family)?.metadata;
  }

  /** Notes one part of what is known of a family. */
  note(family: string, part: Partial<Pick<Metadata, "type" | "help" | "unit">>): void {
    let known = this.#families.get(family);
    if (known === undefined) {
      known = { metadata: { family, type: "unknown", help: "", unit: "" }, seenIn: 0, changedIn: this.#scrape };
      this.#families.set(family, known);
    }
    known.seenIn = this.#scrape;
    this.#last = known;
    const { metadata } = known;
    if (Object.entries(part).every(([key, value]) => metadata[key as keyof Metadata] === value)) return;
    known.metadata = { ...metadata, ...part };
    known.changedIn = this.#scrape;
  }

  /** The metadata of the family read last, where they are new or the series is, and the series belongs to the family. */
  due(isNewSeries: boolean, metricName: () => string): Metadata | undefined {
    const last = this.#last;
    if (last === undefined || (!isNewSeries && last.changedIn !== this.#scrape)) return undefined;
    return isPartOf(metricName(), last.metadata.family, last.metadata.type) ? last.metadata : undefined;
  }

  endScrape(): void {
    for (const [family, known] of this.#families) if (this.#scrape - known.seenIn > KEPT_SCRAPES) this.#families.delete(family);
    this.#scrape++;
    this.#last = undefined;
  }
}

function isPartOf(metric: string, family: string, type: MetricType): boolean {
  // The classic format names families of counters and infos with the suffix, OpenMetrics without.
  const bare = type === "counter" || type === "info" ? familyOf(family, type) : family;
  return familyOf(metric, type) === bare;
}
