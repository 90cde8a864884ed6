module dev.primacy/testbed/pause

go 1.26.0
