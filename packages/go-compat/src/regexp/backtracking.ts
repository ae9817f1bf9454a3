import { ALL_RUNES, doIntersect, NEWLINE, NO_RUNES, type RuneRanges, unionOf } from "./rune-ranges.ts";
import type { Node } from "./syntax.ts";

// JavaScript's engine backtracks: fast, but with some patterns quadratic, cubic or worse in the length of the text. This module
// proves a bound. A choice (`|`, or whether a loop goes on) costs nothing to undo when the next character alone decides it;
// where it does not, every way to choose may be tried with everything that follows. Counting those loops gives the degree of
// the polynomial, and the degree gives the longest text for which backtracking stays within a fixed number of steps.
// Longer texts go to the automaton, which is linear but slower by a constant. Both give the same match, so nobody notices.

const MAX_STEPS = 2 ** 21;
const MAX_TEXT = 2 ** 20;
const MAX_WAYS = 64;
const LONG_COUNT = 32;
const FEW_CHOICES = 8;

/** The longest text that JavaScript's engine may get for this pattern; 0 when it may get none or would answer differently. */
export function backtrackingLimit(root: Node): number {
  if (!hasSameMeaning(root)) return 0;
  const work = analyze(root, ACCEPT);
  if (work.ways > MAX_WAYS) return 0;
  const degree = beginsAtText(root) ? Math.max(1, work.degree) : work.degree + 1;
  if (degree === 1) return MAX_TEXT;
  // Positions are chosen in order, so that n^d/d! of them exist.
  let factorial = 1;
  for (let factor = 2; factor <= degree; factor++) factorial *= factor;
  return Math.floor(((MAX_STEPS * factorial) / work.ways) ** (1 / degree));
}

/** What can stand next in the text for the rest of the pattern to have a chance. */
interface Follow {
  readonly runes: RuneRanges;
  readonly end: boolean;
  /** The rest matches whatever stands there: nobody comes back to try another way. */
  readonly accepts: boolean;
}

interface Work {
  /** The next character decides every choice. */
  readonly isDetermined: boolean;
  /** At most ways * n^loops ways to match lead on to what follows. */
  readonly ways: number;
  readonly loops: number;
  /** Steps of one attempt that are lost when it fails: O(n^degree). */
  readonly degree: number;
}

const ACCEPT: Follow = { runes: ALL_RUNES, end: true, accepts: true };
const FIXED: Work = { isDetermined: true, ways: 1, loops: 0, degree: 0 };
const HOPELESS: Work = { isDetermined: false, ways: Number.POSITIVE_INFINITY, loops: 0, degree: 0 };

function analyze(node: Node, follow: Follow): Work {
  const work = analyzeShape(node, follow);
  return follow.accepts && work.ways !== Number.POSITIVE_INFINITY ? { isDetermined: true, ways: 1, loops: 0, degree: work.degree } : work;
}

function analyzeShape(node: Node, follow: Follow): Work {
  switch (node.op) {
    case "empty":
    case "runes":
    case "assert":
      return FIXED;
    case "capture":
      return analyze(node.sub, follow);
    case "concat":
      return analyzeSequence(node.subs, follow);
    case "alternate":
      return analyzeChoice(node.subs, follow);
    case "repeat":
      return analyzeRepeat(node, follow);
    default:
      return node satisfies never;
  }
}

function analyzeSequence(subs: readonly Node[], follow: Follow): Work {
  const works: Work[] = [];
  let next = follow;
  for (let at = subs.length - 1; at >= 0; at--) {
    const sub = subs[at] as Node;
    works.push(analyze(sub, next));
    next = firstOf(sub, next);
  }
  let whole: Work = FIXED;
  for (const work of works.reverse()) {
    whole = {
      isDetermined: whole.isDetermined && work.isDetermined,
      ways: whole.ways * work.ways,
      // Each of the ways so far runs this part again.
      degree: Math.max(whole.degree, work.degree === 0 && whole.loops === 0 ? 0 : whole.loops + work.degree),
      loops: whole.loops + work.loops,
    };
  }
  return whole;
}

function analyzeChoice(subs: readonly Node[], follow: Follow): Work {
  let isDetermined = true;
  let sum = 0;
  let most = 0;
  let loops = 0;
  let degree = 0;
  let seen: Follow = { runes: NO_RUNES, end: false, accepts: false };
  for (const sub of subs) {
    const work = analyze(sub, follow);
    isDetermined &&= work.isDetermined;
    sum += work.ways;
    most = Math.max(most, work.ways);
    loops = Math.max(loops, work.loops);
    degree = Math.max(degree, work.degree);
    // A long list is not worth the comparison: the sum stands.
    if (!isDetermined || subs.length > MAX_WAYS) {
      isDetermined = false;
      continue;
    }
    const first = firstOf(sub, follow);
    if (overlaps(seen, first)) isDetermined = false;
    else seen = join(seen, first);
  }
  return { isDetermined, ways: isDetermined ? most : sum, loops, degree };
}

function analyzeRepeat(node: Node & { op: "repeat" }, follow: Follow): Work {
  const { sub, min, max } = node;
  if (max === 0) return FIXED;
  const bodyFollow = afterBody(node, follow);
  const body = analyze(sub, bodyFollow);
  if (max > 1 && !body.isDetermined) return HOPELESS;
  const isLong = max > LONG_COUNT;
  if (follow.accepts && min <= 1) {
    return { ...body, degree: isLong && body.degree > 0 ? body.degree + 1 : body.degree };
  }
  const lost = Math.max(body.degree, isLong ? 1 : 0);
  if (min === max) return { ...body, degree: lost };
  const isDecided = !overlaps(firstOf(sub, NOTHING), follow);
  if (isDecided) return { ...body, degree: lost };
  if (max === 1) return { isDetermined: false, ways: body.ways + 1, loops: body.loops, degree: body.degree };
  if (max - min < FEW_CHOICES && body.degree === 0) return { isDetermined: false, ways: max - min + 1, loops: 0, degree: lost };
  return { isDetermined: false, ways: 1, loops: 1, degree: Math.max(1, lost) };
}

const NOTHING: Follow = { runes: NO_RUNES, end: false, accepts: false };

function afterBody(node: Node & { op: "repeat" }, follow: Follow): Follow {
  if (node.max <= 1) return follow;
  const joined = join(firstOf(node.sub, NOTHING), follow);
  return { ...joined, accepts: follow.accepts && node.min <= 1 };
}

function firstOf(node: Node, follow: Follow): Follow {
  switch (node.op) {
    case "empty":
      return follow;
    case "runes":
      return { runes: node.runes, end: false, accepts: false };
    case "capture":
      return firstOf(node.sub, follow);
    case "concat":
      return node.subs.reduceRight((next, sub) => firstOf(sub, next), follow);
    case "alternate":
      return node.subs.map((sub) => firstOf(sub, follow)).reduce(join);
    case "repeat":
      if (node.max === 0) return follow;
      return node.min === 0 ? join(firstOf(node.sub, follow), follow) : firstOf(node.sub, follow);
    case "assert":
      if (node.what === "endText") return { runes: NO_RUNES, end: true, accepts: false };
      if (node.what === "endLine") return { runes: NEWLINE, end: true, accepts: false };
      return { ...follow, accepts: false };
    default:
      return node satisfies never;
  }
}

function join(a: Follow, b: Follow): Follow {
  return { runes: unionOf(a.runes, b.runes), end: a.end || b.end, accepts: a.accepts || b.accepts };
}

function overlaps(a: Follow, b: Follow): boolean {
  return (a.end && b.end) || doIntersect(a.runes, b.runes);
}

function beginsAtText(node: Node): boolean {
  switch (node.op) {
    case "assert":
      return node.what === "beginText";
    case "capture":
      return beginsAtText(node.sub);
    case "concat":
      return beginsAtText(node.subs[0] as Node);
    case "alternate":
      return node.subs.every(beginsAtText);
    case "repeat":
      return node.min > 0 && beginsAtText(node.sub);
    default:
      return false;
  }
}

/**
 * Whether JavaScript finds the same match and the same groups. It differs in loops whose body can be empty (it refuses the empty
 * turn) and in groups that only some turns of a loop set (it forgets them at each turn).
 */
function hasSameMeaning(node: Node): boolean {
  switch (node.op) {
    case "capture":
      return hasSameMeaning(node.sub);
    case "concat":
    case "alternate":
      return node.subs.every(hasSameMeaning);
    case "repeat":
      if (node.max > 1 && node.min !== node.max && canBeEmpty(node.sub)) return false;
      if (node.max === 1 && !node.isLazy && canBeEmpty(node.sub) && !isSkippable(node.sub)) return false;
      if (node.max > 1 && hasOptionalCapture(node.sub, false)) return false;
      return hasSameMeaning(node.sub);
    case "assert":
      // V8 also looks for it between the halves of a surrogate pair.
      return node.what !== "notWordBoundary";
    default:
      return true;
  }
}

/** Whether the node can match without moving on, wherever it stands. */
export function isSkippable(node: Node): boolean {
  return node.op !== "assert" && isEmptyWith(node, isSkippable);
}

/** Whether the node can match without moving on, if only at the end of a text or word. */
function canBeEmpty(node: Node): boolean {
  return node.op === "assert" || isEmptyWith(node, canBeEmpty);
}

function isEmptyWith(node: Node, isEmpty: (sub: Node) => boolean): boolean {
  switch (node.op) {
    case "empty":
      return true;
    case "runes":
    case "assert":
      return false;
    case "capture":
      return isEmpty(node.sub);
    case "concat":
      return node.subs.every(isEmpty);
    case "alternate":
      return node.subs.some(isEmpty);
    case "repeat":
      return node.min === 0 || isEmpty(node.sub);
    default:
      return node satisfies never;
  }
}

function hasOptionalCapture(node: Node, isOptional: boolean): boolean {
  switch (node.op) {
    case "capture":
      return isOptional || hasOptionalCapture(node.sub, isOptional);
    case "concat":
      return node.subs.some((sub) => hasOptionalCapture(sub, isOptional));
    case "alternate":
      return node.subs.some((sub) => hasOptionalCapture(sub, true));
    case "repeat":
      return hasOptionalCapture(node.sub, isOptional || node.min === 0);
    default:
      return false;
  }
}
