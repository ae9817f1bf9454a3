/** What `bin/invar` explains. V8 takes compiled code only from a run with the same flags. */
export const nodeFlags = ["--max-old-space-size-percentage=45", "--max-semi-space-size=2"];

/**
 * Starts the bundled program, with the heap that `bin/invar` explains. The cache of compiled code beside it is made at build time and may be on a
 * read-only disk.
 */
export const startScript = `#!/bin/sh
program=$0
[ -L "$program" ] && program=$(readlink -f "$program")
case $program in */*) here=\${program%/*} ;; *) here=. ;; esac
node=\${INVAR_NODE:-$here/../../../node_modules/.bin/node}
[ -x "$node" ] || node=node
NODE_COMPILE_CACHE=$here/compile-cache NODE_COMPILE_CACHE_PORTABLE=1 exec "$node" ${nodeFlags.join(" ")} "$here/invar.mjs" "$@"
`;
