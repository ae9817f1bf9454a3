import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";

/** Asks again and again until the answer is enough. Where it never is, the error holds the last answer and what `explain` says. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  isEnough: (answer: T) => boolean,
  { withinMs = 60_000, explain = async () => "" } = {},
): Promise<T> {
  for (const end = performance.now() + withinMs; ; await sleep(250)) {
    const answer = await ask();
    if (isEnough(answer)) return answer;
    if (performance.now() > end)
      throw new Error(`${what}: not within ${withinMs / 1000} s; last: ${inspect(answer).slice(0, 2000)}\n${await explain()}`);
  }
}
