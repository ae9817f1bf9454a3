/**
 * Starts the bundled program, with the heap that `bin/invar` explains. The cache of compiled code beside it is made at build time and may be on a
 * read-only disk.
 */
export const startScript = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
node=\${INVAR_NODE:-$here/../../../node_modules/.bin/node}
[ -x "$node" ] || node=node
NODE_COMPILE_CACHE=$here/compile-cache NODE_COMPILE_CACHE_PORTABLE=1 exec "$node" --max-old-space-size-percentage=45 --max-semi-space-size=2 "$here/invar.mjs" "$@"
`;
