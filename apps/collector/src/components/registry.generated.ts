// Generated from the folders below by ci/generate.ts. Do not edit.
import { component as localFile } from "./local/file/component.ts";
import { component as localFileMatch } from "./local/file_match/component.ts";

/** Every component, ordered by name. */
export const components = [localFile, localFileMatch] as const;
