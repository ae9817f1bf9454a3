/** A collector that worked with others last, and what became of it. */
export interface Partner {
  readonly name: string;
  /** Reachable: it counts on us. Gone: it has ended, which is certain. Lost: it may go on on the other side of a partition. */
  readonly fate: "reachable" | "gone" | "lost";
}

/**
 * Whether those who can be reached go on. Of those that worked together last, who has ended does not count; of the others the larger part goes
 * on, and of two halves that with the first of all names. Counting from the last that worked together, not from all that there ever were, lets a
 * cluster shrink one by one to the last.
 */
export function goesOn(lastTogether: Iterable<Partner>): boolean {
  let here = 0;
  let lost = 0;
  let firstHere: string | undefined;
  let firstLost: string | undefined;
  for (const { name, fate } of lastTogether) {
    if (fate === "gone") continue;
    if (fate === "reachable") {
      here++;
      if (firstHere === undefined || name < firstHere) firstHere = name;
    } else {
      lost++;
      if (firstLost === undefined || name < firstLost) firstLost = name;
    }
  }
  if (here === lost) return firstHere === undefined || firstLost === undefined || firstHere < firstLost;
  return here > lost;
}
