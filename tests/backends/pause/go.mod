// The process that holds a pod's namespaces together.
module invar.test/pause

go 1.26

tool invar.test/pause
