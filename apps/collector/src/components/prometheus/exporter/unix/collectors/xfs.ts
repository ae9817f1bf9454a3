import type { Collector } from "../collector.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

/** Line of the statistics → its columns, all of them counters. */
const lines: Readonly<Record<string, readonly (readonly [name: string, help: string])[]>> = {
  extent_alloc: [
    ["extent_allocation_extents_allocated_total", "Extents that were allocated."],
    ["extent_allocation_blocks_allocated_total", "Blocks that were allocated."],
    ["extent_allocation_extents_freed_total", "Extents that were freed."],
    ["extent_allocation_blocks_freed_total", "Blocks that were freed."],
  ],
  abt: [
    ["allocation_btree_lookups_total", "Searches in the tree of free space."],
    ["allocation_btree_compares_total", "Comparisons in the tree of free space."],
    ["allocation_btree_records_inserted_total", "Records that were added to the tree of free space."],
    ["allocation_btree_records_deleted_total", "Records that were taken from the tree of free space."],
  ],
  blk_map: [
    ["block_mapping_reads_total", "Maps of blocks for reading."],
    ["block_mapping_writes_total", "Maps of blocks for writing."],
    ["block_mapping_unmaps_total", "Blocks that were unmapped."],
    ["block_mapping_extent_list_insertions_total", "Extents that were added to a file."],
    ["block_mapping_extent_list_deletions_total", "Extents that were taken from a file."],
    ["block_mapping_extent_list_lookups_total", "Searches among the extents of a file."],
    ["block_mapping_extent_list_compares_total", "Comparisons of extents of a file."],
  ],
  bmbt: [
    ["block_map_btree_lookups_total", "Searches in the trees of blocks."],
    ["block_map_btree_compares_total", "Comparisons in the trees of blocks."],
    ["block_map_btree_records_inserted_total", "Records that were added to the trees of blocks."],
    ["block_map_btree_records_deleted_total", "Records that were taken from the trees of blocks."],
  ],
  dir: [
    ["directory_operation_lookup_total", "Names that were searched in folders."],
    ["directory_operation_create_total", "Names that were added to folders."],
    ["directory_operation_remove_total", "Names that were taken from folders."],
    ["directory_operation_getdents_total", "Times that folders were listed."],
  ],
  ig: [
    ["inode_operation_attempts_total", "Inodes that were searched in the cache."],
    ["inode_operation_found_total", "Inodes that were found there."],
    ["inode_operation_recycled_total", "Inodes that were found there on their way out."],
    ["inode_operation_missed_total", "Inodes that were not there."],
    ["inode_operation_duplicates_total", "Inodes that somebody else had added meanwhile."],
    ["inode_operation_reclaims_total", "Inodes that left the cache for memory."],
    ["inode_operation_attribute_changes_total", "Times that attributes of inodes were changed."],
  ],
  rw: [
    ["write_calls_total", "Calls that write."],
    ["read_calls_total", "Calls that read."],
  ],
  vnodes: [
    ["vnode_active_total", "Nodes in use."],
    ["vnode_allocate_total", "Times that a node was allocated."],
    ["vnode_get_total", "Times that a node was got."],
    ["vnode_hold_total", "Times that a node was held."],
    ["vnode_release_total", "Times that a node was released."],
    ["vnode_reclaim_total", "Times that a node was reclaimed."],
    ["vnode_remove_total", "Times that a node was removed."],
  ],
};

export const xfs: Collector = {
  name: "xfs",
  isDefault: true,
  prepare: () => (host, page) => {
    for (const device of host.sysList("fs/xfs")) {
      if (!host.sysList(`fs/xfs/${device}/stats`).includes("stats")) continue;
      const found = new Map(linesOf(host.sys(`fs/xfs/${device}/stats/stats`)).map((line) => [line.split(" ", 1)[0] ?? "", wordsOf(line)]));
      for (const [line, columns] of Object.entries(lines))
        for (const [index, [name, help]] of columns.entries())
          page.counter(`node_xfs_${name}`, help, "device").sample(numberOf(found.get(line)?.[index + 1] ?? "0"), device);
    }
  },
};
