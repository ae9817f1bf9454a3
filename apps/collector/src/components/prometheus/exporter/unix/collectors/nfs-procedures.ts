/** The procedures of NFS 2, in the order of the kernel's counters. */
export const nfs2Procedures =
  "Null GetAttr SetAttr Root Lookup ReadLink Read WrCache Write Create Remove Rename Link SymLink MkDir RmDir ReadDir FsStat".split(" ");

/** The procedures of NFS 3, in the order of the kernel's counters. */
export const nfs3Procedures = (
  "Null GetAttr SetAttr Lookup Access ReadLink Read Write Create MkDir SymLink MkNod Remove RmDir Rename Link ReadDir ReadDirPlus FsStat FsInfo " +
  "PathConf Commit"
).split(" ");
