import { compareWithHelm } from "./helm-itself.ts";

compareWithHelm("4.1");
