import { editors } from "./editors.ts";
import type { FunctionDefinition } from "./function.ts";
import { hashFunctions } from "./hashes.ts";
import { lambdaFunctions } from "./lambdas.ts";
import { listFunctions } from "./lists.ts";
import { networkFunctions } from "./network.ts";
import { parserFunctions } from "./parsers.ts";
import { replacers } from "./replace.ts";
import { textFunctions } from "./text.ts";
import { timeFunctions } from "./times.ts";
import { typeFunctions } from "./types.ts";
import { xmlFunctions } from "./xml.ts";

/** Everything that conditions may call. `append` and `delete_index` are among them, as in the incumbent, where no condition can begin with them. */
export const converters: readonly FunctionDefinition[] = [
  ...hashFunctions,
  ...lambdaFunctions,
  ...listFunctions,
  ...networkFunctions,
  ...parserFunctions,
  ...textFunctions,
  ...timeFunctions,
  ...typeFunctions,
  ...xmlFunctions,
];

/** Editors and converters that statements of every context may call. */
export const standardFunctions: readonly FunctionDefinition[] = [...editors, ...replacers, ...converters];
