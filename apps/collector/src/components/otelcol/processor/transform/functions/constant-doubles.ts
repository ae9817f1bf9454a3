import type { Parameter } from "../../../../../ottl/functions/function.ts";

/** A list of floats written out in the statement. */
export const constantDoubles: Parameter<readonly number[]> = { kind: "constant", as: "doubles" };
