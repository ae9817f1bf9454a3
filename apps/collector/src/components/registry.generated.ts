// Generated from the folders below by ci/generate.ts. Do not edit.
import { component as importFile } from "./import/file/component.ts";
import { component as importGit } from "./import/git/component.ts";
import { component as importHttp } from "./import/http/component.ts";
import { component as importString } from "./import/string/component.ts";
import { component as localFile } from "./local/file/component.ts";
import { component as localFileMatch } from "./local/file_match/component.ts";

/** Every component, ordered by name. */
export const components = [importFile, importGit, importHttp, importString, localFile, localFileMatch] as const;
