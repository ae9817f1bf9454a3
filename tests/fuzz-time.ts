/** Seconds that one fuzz test may take: short in `npm test`, longer in `npm run fuzz`, which sets INVAR_FUZZ_SECONDS. */
export function fuzzSeconds(): number {
  const given = Number(process.env.INVAR_FUZZ_SECONDS ?? "1");
  if (!(given > 0)) throw new Error(`INVAR_FUZZ_SECONDS is ${process.env.INVAR_FUZZ_SECONDS}: write a number of seconds above 0`);
  return given;
}

/** Parameters for fast-check's `assert`: as many runs as fit into the time, and a failure prints its seed as always. */
export function fuzzParameters(): { numRuns: number; interruptAfterTimeLimit: number; markInterruptAsFailure: boolean } {
  return { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: fuzzSeconds() * 1000, markInterruptAsFailure: false };
}
