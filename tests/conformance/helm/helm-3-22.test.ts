import { compareWithHelm } from "./helm-itself.ts";

compareWithHelm("3.22");
